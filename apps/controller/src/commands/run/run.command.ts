import { Command, CommandRunner, Help, Option } from 'nest-commander';
import type { RunRequest } from '@scriptmesh/api-client';
import { ApiAccess } from '../../access/api-access.js';
import { CommandFailed } from '../../cli/command-failed.js';
import { examples } from '../../cli/examples.js';
import { readAssignment, readWholeNumber } from '../../cli/read-values.js';
import { ExitStatus } from '../../exit-status.js';
import { Interrupts } from '../../ports/interrupts.js';
import { Terminal } from '../../ports/terminal.js';
import { askAndFollow } from './ask-and-follow.js';
import { explainRun } from './explain-run.js';
import { askingExitCode, runExitCode } from './run-exit-code.js';

interface RunOptions {
  readonly agent: string;
  readonly param?: ReadonlyMap<string, string>;
  readonly timeout?: number;
  readonly deliverWithin?: number;
  readonly raw?: boolean;
}

@Command({
  name: 'run',
  arguments: '<script>',
  argsDescription: { script: "a name of the agent's manifest" },
  description: 'run a script on an agent, show its output as it comes and end with its exit code',
})
export class RunCommand extends CommandRunner {
  constructor(
    private readonly access: ApiAccess,
    private readonly terminal: Terminal,
    private readonly interrupts: Interrupts,
    private readonly exit: ExitStatus,
  ) {
    super();
  }

  override async run([script = '']: string[], options: RunOptions): Promise<void> {
    const client = this.#openApi();
    const watch = this.interrupts.watch();
    try {
      const { terminal } = this;
      const { signal } = watch;
      const run = await askAndFollow(client, toRequest(script, options), {
        terminal,
        signal,
        raw: options.raw === true,
      });
      const explanation = explainRun(run);
      if (explanation !== null) await terminal.err(explanation);
      this.exit.code = runExitCode(run);
    } finally {
      watch.stop();
    }
  }

  #openApi(): ReturnType<ApiAccess['client']> {
    try {
      return this.access.client();
    } catch (error) {
      throw new CommandFailed(error, askingExitCode(error));
    }
  }

  @Option({ flags: '-a, --agent <agent>', description: 'where to run it (name or id)', required: true })
  readAgent(value: string): string {
    return value;
  }

  @Option({ flags: '-p, --param <name=value>', description: 'a parameter; may be given several times' })
  readParam(value: string, before?: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    return readAssignment(value, before);
  }

  @Option({ flags: '--timeout <seconds>', description: 'end the script after so long' })
  readTimeout(value: string): number {
    return readWholeNumber(value, 1);
  }

  @Option({ flags: '--deliver-within <seconds>', description: 'give up when the agent has not taken it by then' })
  readDeliverWithin(value: string): number {
    return readWholeNumber(value, 1);
  }

  @Option({ flags: '--raw', description: 'let control characters of the script reach the terminal' })
  readRaw(): boolean {
    return true;
  }

  @Help('before')
  examples(): string {
    return examples([
      'scriptmesh run hello_world -a db-1',
      'scriptmesh run backup -a db-1 --param target=nightly --timeout 600',
    ]);
  }

  @Help('after')
  exitCodes(): string {
    return `
Exit codes:
  the script's own; 128 + N when signal N ended it; and from ScriptMesh itself
  124 timed out   125 not run, lost, or not known   126 refused   127 no such script   130 interrupted or cancelled
`;
  }
}

function toRequest(script: string, { agent, param, timeout, deliverWithin }: RunOptions): RunRequest {
  return {
    agent,
    script,
    params: Object.fromEntries(param ?? []),
    ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
    ...(deliverWithin === undefined ? {} : { deliverWithinSeconds: deliverWithin }),
  };
}
