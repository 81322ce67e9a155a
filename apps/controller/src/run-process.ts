import 'reflect-metadata';
import { homedir } from 'node:os';
import { processSources } from '@scriptmesh/config';
import { SystemClock } from '@scriptmesh/runtime';
import { ConfigSettings } from './ports/config-settings.js';
import { FileManifestSchema } from './ports/file-manifest-schema.js';
import { FileCommandLog } from './ports/file-command-log.js';
import { isMenuWanted } from './commands/menu/is-menu-wanted.js';
import type { ControllerPorts } from './controller.module.js';
import { ContextFile, contextFilePath } from './ports/context-file.js';
import { ProcessInterrupts } from './ports/process-interrupts.js';
import { ProcessKeyboard } from './ports/process-keyboard.js';
import { ProcessTerminal } from './ports/process-terminal.js';
import { SpawnedPrograms } from './ports/spawned-programs.js';
import { ThisMachine } from './ports/this-machine.js';
import { runCli } from './run-cli.js';
import { readVersion } from './version.js';

const A_DAY_MS = 24 * 60 * 60 * 1000;

/** Gives the command line the real world and ends the process with its exit code. */
export async function runProcess(argv: readonly string[], packageRoot: string): Promise<never> {
  // The clock's timers let a process end: while a broken connection is waited for, nothing else would hold it.
  const alive = setInterval(() => {}, A_DAY_MS);
  const clock = new SystemClock();
  const contexts = new ContextFile(contextFilePath(processSources().env, homedir()));
  const version = readVersion(packageRoot);
  const ports: ControllerPorts = {
    terminal: new ProcessTerminal(process.stdout, process.stderr),
    keyboard: new ProcessKeyboard(process.stdin, process.stderr),
    interrupts: new ProcessInterrupts(),
    programs: new SpawnedPrograms(packageRoot),
    machine: new ThisMachine(packageRoot),
    settings: new ConfigSettings(contexts),
    contexts,
    manifestSchema: new FileManifestSchema(packageRoot),
    clock,
    commandLog: new FileCommandLog(clock),
    commands: { run: (words) => runCli(words, ports, version) },
  };
  const exitCode = await runCli(isMenuWanted(argv, ports) ? ['menu'] : argv, ports, version);
  clearInterval(alive);
  // All that was written has been taken; an open connection must not keep the process.
  process.exit(exitCode);
}
