import { Help, Option, SubCommand } from 'nest-commander';
import { isFinalState, type RunResource } from '@scriptmesh/contracts';
import { ApiAccess } from '../../access/api-access.js';
import { examples } from '../../cli/examples.js';
import { faultJson, faultText } from '../../cli/print-fault.js';
import { readWholeNumber } from '../../cli/read-values.js';
import { InvalidValue } from '../../cli/usage-fault.js';
import { EXIT } from '../../exit-code.js';
import { ExitStatus } from '../../exit-status.js';
import type { OutputFormat } from '../../output/output-format.js';
import { Printer } from '../../output/printer.js';
import { ShowingCommand, type ShowingOptions } from '../../output/showing-command.js';
import { Terminal } from '../../ports/terminal.js';
import { RUN_VIEW } from './run-view.js';

/** Longer than the usual grace of a script that is ended. */
const WAIT_SECONDS = 30;
/** The orchestrator waits no longer. */
const LONGEST_WAIT_SECONDS = 300;

interface RunsCancelOptions extends ShowingOptions {
  readonly why?: string;
  /** true: the usual time. */
  readonly wait?: number | true;
}

@SubCommand({
  name: 'cancel',
  arguments: '<id...>',
  argsDescription: { id: 'id of a run; several may be given' },
  description: 'cancel runs: those that wait end at once, those that run are ended by their agents',
})
export class RunsCancelCommand extends ShowingCommand {
  constructor(
    private readonly access: ApiAccess,
    private readonly printer: Printer,
    private readonly terminal: Terminal,
    private readonly exit: ExitStatus,
  ) {
    super();
  }

  override async run(ids: string[], { output, why, wait }: RunsCancelOptions): Promise<void> {
    const client = this.access.client();
    const waitSeconds = wait === true ? WAIT_SECONDS : wait;
    const asked = {
      ...(why === undefined ? {} : { why }),
      ...(waitSeconds === undefined ? {} : { waitSeconds }),
    };
    const outcomes = await Promise.allSettled([...new Set(ids)].map((id) => client.cancelRun(id, asked)));
    const runs = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const faults = outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []));
    if (runs.length > 0) await this.printer.page(output, { items: runs, next: null }, RUN_VIEW, '');
    if (waitSeconds !== undefined) await this.#tellOfLive(runs, waitSeconds);
    await this.#tellAllButLast(faults, output);
    if (faults.length > 0) throw faults.at(-1);
  }

  async #tellOfLive(runs: readonly RunResource[], waitSeconds: number): Promise<void> {
    const live = runs.filter(({ state }) => !isFinalState(state));
    if (live.length === 0) return;
    this.exit.code = EXIT.other;
    const words = live.length === 1 ? 'One run has' : `${live.length} runs have`;
    await this.printer.remark(`${words} not ended within ${waitSeconds} s; the cancel is sent until it is answered.`);
  }

  /** The last one is told as the error of the command, and gives it its exit code. */
  async #tellAllButLast(faults: readonly unknown[], format: OutputFormat): Promise<void> {
    const isJson = format === 'json' || format === 'ndjson';
    for (const fault of faults.slice(0, -1)) {
      await this.terminal.err(isJson ? faultJson(fault) : faultText(fault, this.terminal.errHasColors));
    }
  }

  @Option({ flags: '--why <text>', description: 'a line for those who look at the run later' })
  readWhy(value: string): string {
    return value;
  }

  @Option({ flags: '--wait [seconds]', description: `wait at most so long for the end (--wait=60; ${WAIT_SECONDS})` })
  readWait(value: string): number {
    const seconds = readWholeNumber(value, 1);
    if (seconds <= LONGEST_WAIT_SECONDS) return seconds;
    throw new InvalidValue(`At most ${LONGEST_WAIT_SECONDS} seconds are waited.`);
  }

  @Help('before')
  examples(): string {
    return examples([
      'scriptmesh runs cancel ID',
      'scriptmesh runs cancel ID ID --why "wrong host"',
      'scriptmesh runs cancel ID --wait=60',
      'scriptmesh runs cancel $(scriptmesh runs list --state queued -o name)',
    ]);
  }

  @Help('after')
  exitCodes(): string {
    return `
Exit codes:
  0 all were cancelled, or will be when their agents answer   1 not ended in the time of --wait
  3 no such run   5 ended already, or its agent cannot cancel
`;
  }
}
