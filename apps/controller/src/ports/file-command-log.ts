import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ControllerLogSettings,
  loadControllerLogSettings,
  processSources,
  type SettingSources,
} from '@scriptmesh/config';
import { isMeshError } from '@scriptmesh/contracts';
import type { Clock } from '@scriptmesh/runtime';
import { CommandLog, type EndedCommand } from './command-log.js';

/** Appends a line to logs/ScriptMesh-controller.log of the home folder. Does without when it cannot. */
export class FileCommandLog extends CommandLog {
  constructor(
    private readonly clock: Clock,
    private readonly sources: SettingSources = processSources(),
  ) {
    super();
  }

  override async note({ command, exitCode, error }: EndedCommand): Promise<void> {
    try {
      const settings = loadControllerLogSettings(this.sources);
      if (!isHome(settings)) return;
      // A file beside this one, because the build leaves the name of a library in `import()` as it stands.
      const { writeCommandLine } = await import('./write-command-line.js');
      const fields = { command, exitCode, ...describe(error) };
      await writeCommandLine(error === undefined ? 'info' : 'warn', fields, settings, this.clock);
    } catch {
      // Wrong settings are told by the commands that need them.
    }
  }
}

/** The command line is used in any folder: only one that is a home, or was named as such, gets a log. */
const isHome = ({ home, isHomeGiven }: ControllerLogSettings): boolean =>
  existsSync(isHomeGiven ? home : join(home, 'cfg')) || existsSync(join(home, 'logs'));

/** Codes and ids alone: the words of an error may repeat what was given on the command line. */
function describe(error: unknown): Readonly<Record<string, unknown>> {
  if (!isMeshError(error)) return error instanceof Error ? { error: error.name } : {};
  const { requestId, serverCode } = error.facts;
  return { code: serverCode ?? error.code, ...(requestId === undefined ? {} : { requestId }) };
}
