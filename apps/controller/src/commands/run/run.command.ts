import { Command, CommandRunner, Help, Option } from 'nest-commander';
import type { RunRequest } from '@scriptmesh/api-client';
import { ApiAccess } from '../../access/api-access.js';
import { CommandFailed } from '../../cli/command-failed.js';
import { examples } from '../../cli/examples.js';
import { readAssignment, readWholeNumber } from '../../cli/read-values.js';
import { UsageFault } from '../../cli/usage-fault.js';
import { OUTPUT_FORMATS, type OutputFormat, readFormat } from '../../output/output-format.js';
import { Printer } from '../../output/printer.js';
import { Interrupts } from '../../ports/interrupts.js';
import { RUN_VIEW } from '../runs/run-view.js';
import { askForRun } from './ask-for-run.js';
import { askingExitCode } from './run-exit-code.js';
import { RunFollower } from './run-follower.js';

interface RunOptions {
  readonly agent: string;
  readonly param?: ReadonlyMap<string, string>;
  readonly timeout?: number;
  readonly deliverWithin?: number;
  readonly retries?: number;
  readonly idempotencyKey?: string;
  readonly detach?: boolean;
  /** true: as long as it takes. */
  readonly wait?: number | true;
  readonly output?: OutputFormat;
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
    private readonly interrupts: Interrupts,
    private readonly follower: RunFollower,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run([script = '']: string[], options: RunOptions): Promise<void> {
    const { detach = false, wait, output = null, raw = false, idempotencyKey = null } = options;
    if (detach && wait !== undefined) {
      throw new UsageFault('--detach and --wait contradict each other', 'Give one of them; waiting is the default.');
    }
    const client = this.#openApi();
    const watch = this.interrupts.watch();
    try {
      const { signal } = watch;
      const run = await askForRun(client, toRequest(script, options), { signal, idempotencyKey });
      if (detach) {
        await this.printer.remark(`The run goes on by itself; come back to it with: scriptmesh runs watch ${run.id}`);
        return await this.printer.one(output ?? 'name', run, RUN_VIEW.nameOf);
      }
      const waitSeconds = typeof wait === 'number' ? wait : null;
      await this.follower.follow(client, run, { signal, raw, format: output, waitSeconds });
    } finally {
      watch.stop();
    }
  }

  #openApi(): ReturnType<ApiAccess['client']> {
    try {
      return this.access.client();
    } catch (error) {
      const fault = error instanceof CommandFailed ? error.fault : error;
      throw new CommandFailed(fault, askingExitCode(fault));
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

  @Option({ flags: '--timeout <seconds>', description: 'end the script after so long (the limit of the run itself)' })
  readTimeout(value: string): number {
    return readWholeNumber(value, 1);
  }

  @Option({ flags: '--deliver-within <seconds>', description: 'give up when the agent has not taken it by then' })
  readDeliverWithin(value: string): number {
    return readWholeNumber(value, 1);
  }

  @Option({
    flags: '--retries <count>',
    description: 'try again, at most 10 times, what did not succeed and may be repeated',
  })
  readRetries(value: string): number {
    return readWholeNumber(value, 0);
  }

  @Option({ flags: '--idempotency-key <key>', description: 'makes the command safe to repeat: one key, one run' })
  readIdempotencyKey(value: string): string {
    return value;
  }

  @Option({ flags: '--detach', description: 'do not wait: print the id of the run and end' })
  readDetach(): boolean {
    return true;
  }

  @Option({ flags: '--wait [seconds]', description: 'wait at most so long for the end (--wait=30); the run goes on' })
  readWait(value: string): number {
    return readWholeNumber(value, 1);
  }

  @Option({
    flags: '-o, --output <format>',
    description: 'print the run at its end (with --detach: at once) in place of its output',
    choices: [...OUTPUT_FORMATS],
  })
  readOutput(value: string): OutputFormat {
    return readFormat(value);
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
      'id=$(scriptmesh run backup -a db-1 --detach)',
      'scriptmesh run backup -a db-1 --wait=30',
      'scriptmesh run backup -a db-1 --idempotency-key nightly-2026-11-23',
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

function toRequest(script: string, { agent, param, timeout, deliverWithin, retries }: RunOptions): RunRequest {
  return {
    agent,
    script,
    params: Object.fromEntries(param ?? []),
    ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
    ...(deliverWithin === undefined ? {} : { deliverWithinSeconds: deliverWithin }),
    ...(retries === undefined ? {} : { retries }),
  };
}
