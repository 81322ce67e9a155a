import { type LogFields, type LogSettings, openProgramLog } from '@scriptmesh/logging';
import type { Clock } from '@scriptmesh/runtime';

/** Writes one line into the command line's log file. Loads winston with it, so it is loaded only when a command has ended. */
export async function writeCommandLine(
  level: 'info' | 'warn',
  fields: LogFields,
  settings: LogSettings,
  clock: Clock,
): Promise<void> {
  const log = openProgramLog({ program: 'controller', level: 'info', stream: null, staysUp: false, settings, clock });
  log[level](level === 'info' ? 'command.ended' : 'command.failed', fields);
  await log.close();
}
