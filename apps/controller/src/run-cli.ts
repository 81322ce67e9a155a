import { CommandFactory, CommandRunnerService } from 'nest-commander';
import { GlobalFlags } from './access/global-flags.js';
import { CommandFailed } from './cli/command-failed.js';
import { CommandTree } from './cli/command-tree.js';
import { faultJson, faultText } from './cli/print-fault.js';
import { shapeCommands } from './cli/shape-commands.js';
import { UsageFault } from './cli/usage-fault.js';
import { wantsJson } from './cli/wants-json.js';
import { Interrupted } from './cli/interrupted.js';
import { ControllerModule, type ControllerPorts } from './controller.module.js';
import { EXIT, exitCodeFor } from './exit-code.js';
import { ExitStatus } from './exit-status.js';
import { BrokenPipe, type Terminal } from './ports/terminal.js';

/** What is known of the command when it has ended. */
interface Course {
  /** Null while no command has begun: help, a wrong command line. */
  command: string | null;
  error?: unknown;
}

/** Runs one command line (without the program's name) and returns the exit code. Throws nothing, ends nothing. */
export async function runCli(argv: readonly string[], ports: ControllerPorts, version: string): Promise<number> {
  const course: Course = { command: null };
  const exitCode = await runWords(argv, ports, version, course);
  const { command, ...rest } = course;
  if (command !== null) await ports.commandLog.note({ command, exitCode, ...rest });
  return exitCode;
}

async function runWords(
  argv: readonly string[],
  ports: ControllerPorts,
  version: string,
  course: Course,
): Promise<number> {
  const help: { text: string; to: 'out' | 'err' }[] = [];
  try {
    const app = await CommandFactory.createWithoutRunning(ControllerModule.with(ports), {
      logger: false,
      abortOnError: false,
      // Without one nest-commander prints the error and forgets that there was one.
      serviceErrorHandler: (error) => Promise.reject(error),
    });
    shapeCommands(app.get(CommandTree).root, {
      version,
      columns: ports.terminal.columns,
      write: (text, to) => help.push({ text, to }),
      takeFlags: (flags) => app.get(GlobalFlags).take(flags),
      noteCommand: (name) => (course.command = name),
    });
    const outcome = await attempt(() => app.get(CommandRunnerService).run(['node', 'main.js', ...argv]));
    for (const { text, to } of help) await ports.terminal[to](text);
    const code = app.get(ExitStatus).code;
    await app.close();
    if (outcome.failed) throw outcome.error;
    return code;
  } catch (error) {
    course.error = error instanceof CommandFailed ? error.fault : error;
    return tell(error, ports.terminal, argv);
  }
}

type Outcome = { readonly failed: false } | { readonly failed: true; readonly error: unknown };

async function attempt(work: () => Promise<void>): Promise<Outcome> {
  try {
    await work();
    return { failed: false };
  } catch (error) {
    return { failed: true, error };
  }
}

/** Prints an error and says with which code to end. */
async function tell(thrown: unknown, terminal: Terminal, argv: readonly string[]): Promise<number> {
  if (isHelp(thrown)) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const error = thrown instanceof CommandFailed ? thrown.fault : asUsageFault(thrown, argv);
  const exitCode = thrown instanceof CommandFailed ? thrown.exitCode : exitCodeFor(error);
  if (error instanceof BrokenPipe) return thrown instanceof CommandFailed ? exitCode : EXIT.ok;
  if (error instanceof Interrupted) await terminal.err(`\nscriptmesh: ${error.message}\n`);
  else await terminal.err(wantsJson(argv) ? faultJson(error) : faultText(error, terminal.errHasColors));
  return exitCode;
}

interface CommanderError extends Error {
  readonly code: string;
  readonly exitCode: number;
}

const HELP_CODES: readonly string[] = ['commander.help', 'commander.helpDisplayed', 'commander.version'];

const isCommanderError = (error: unknown): error is CommanderError =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');

const isHelp = (error: unknown): error is CommanderError => isCommanderError(error) && HELP_CODES.includes(error.code);

function asUsageFault(error: unknown, argv: readonly string[]): unknown {
  if (!isCommanderError(error)) return error;
  const words = argv.slice(0, 2).filter((word) => /^[a-z][a-z-]*$/.test(word));
  const hint = `See "${['scriptmesh', ...words, '--help'].join(' ')}".`;
  return new UsageFault(error.message.replace(/^error: /, ''), hint);
}
