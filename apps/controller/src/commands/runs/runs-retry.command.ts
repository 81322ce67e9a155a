import { CommandRunner, Help, Option, SubCommand } from 'nest-commander';
import type { ApiClient } from '@scriptmesh/api-client';
import { ApiAccess } from '../../access/api-access.js';
import { CommandFailed } from '../../cli/command-failed.js';
import { examples } from '../../cli/examples.js';
import { readWholeNumber } from '../../cli/read-values.js';
import { OUTPUT_FORMATS, type OutputFormat, readFormat } from '../../output/output-format.js';
import { Printer } from '../../output/printer.js';
import { Interrupts } from '../../ports/interrupts.js';
import { askingExitCode } from '../run/run-exit-code.js';
import { RunFollower } from '../run/run-follower.js';
import { RUN_VIEW } from './run-view.js';

interface RunsRetryOptions {
  /** true: as long as it takes. */
  readonly wait?: number | true;
  readonly idempotencyKey?: string;
  readonly output?: OutputFormat;
}

@SubCommand({
  name: 'retry',
  arguments: '<id>',
  argsDescription: { id: 'id of a run that has ended' },
  description: 'ask for the same again, as a new run, and print its id',
})
export class RunsRetryCommand extends CommandRunner {
  constructor(
    private readonly access: ApiAccess,
    private readonly interrupts: Interrupts,
    private readonly follower: RunFollower,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run([id = '']: string[], options: RunsRetryOptions): Promise<void> {
    const client = this.access.client();
    await (options.wait === undefined ? this.#ask(client, id, options) : this.#follow(client, id, options));
  }

  async #ask(client: ApiClient, id: string, { output, idempotencyKey }: RunsRetryOptions): Promise<void> {
    const run = await client.retryRun(id, keyOf(idempotencyKey));
    await this.printer.remark(`The run goes on by itself; come back to it with: scriptmesh runs watch ${run.id}`);
    await this.printer.one(output ?? 'name', run, RUN_VIEW.nameOf);
  }

  async #follow(client: ApiClient, id: string, { output, wait, idempotencyKey }: RunsRetryOptions): Promise<void> {
    const watch = this.interrupts.watch();
    try {
      const { signal } = watch;
      const run = await client.retryRun(id, keyOf(idempotencyKey)).catch((error: unknown) => {
        throw new CommandFailed(error, askingExitCode(error));
      });
      const waitSeconds = typeof wait === 'number' ? wait : null;
      await this.follower.follow(client, run, { signal, raw: false, format: output ?? null, waitSeconds });
    } finally {
      watch.stop();
    }
  }

  @Option({ flags: '--wait [seconds]', description: 'stay until the new run has ended, or so long (--wait=30)' })
  readWait(value: string): number {
    return readWholeNumber(value, 1);
  }

  @Option({ flags: '--idempotency-key <key>', description: 'makes the command safe to repeat: one key, one new run' })
  readIdempotencyKey(value: string): string {
    return value;
  }

  @Option({
    flags: '-o, --output <format>',
    description: 'print the new run, with --wait at its end in place of its output',
    choices: [...OUTPUT_FORMATS],
  })
  readOutput(value: string): OutputFormat {
    return readFormat(value);
  }

  @Help('before')
  examples(): string {
    return examples([
      'scriptmesh runs retry ID',
      'scriptmesh runs retry ID --wait',
      'scriptmesh runs retry ID --idempotency-key nightly-2026-11-23',
    ]);
  }

  @Help('after')
  exitCodes(): string {
    return `
Exit codes:
  3 no such run   5 it has not ended yet; with --wait those of "scriptmesh run"
`;
  }
}

const keyOf = (idempotencyKey: string | undefined) => (idempotencyKey === undefined ? {} : { idempotencyKey });
