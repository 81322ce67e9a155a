import { Injectable } from '@nestjs/common';
import type { ApiClient } from '@scriptmesh/api-client';
import { type RunResource, STREAMS } from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import { CommandFailed } from '../../cli/command-failed.js';
import { EXIT } from '../../exit-code.js';
import { ExitStatus } from '../../exit-status.js';
import type { OutputFormat } from '../../output/output-format.js';
import { Printer } from '../../output/printer.js';
import { ProgressTerminal } from '../../output/progress-terminal.js';
import { Terminal } from '../../ports/terminal.js';
import { RUN_VIEW } from '../runs/run-view.js';
import { explainRun } from './explain-run.js';
import { followToEnd } from './follow-to-end.js';
import { runExitCode } from './run-exit-code.js';
import { RunStateWatch } from './run-state-watch.js';
import { endText, nextAttemptText, progressText } from './run-texts.js';

interface FollowOptions {
  readonly signal: AbortSignal;
  /** Lets control characters of the script reach the terminal. */
  readonly raw: boolean;
  /** Prints the run at its end in place of its output; null = its output as it comes. */
  readonly format: OutputFormat | null;
  /** How long to wait for the end; null = as long as it takes. */
  readonly waitSeconds: number | null;
}

/** Stays with one run until it has ended, and sets the exit code that it deserves. */
@Injectable()
export class RunFollower {
  constructor(
    private readonly terminal: Terminal,
    private readonly clock: Clock,
    private readonly printer: Printer,
    private readonly exit: ExitStatus,
  ) {}

  /** @throws CommandFailed with the exit code of `run` when the end was not seen */
  async follow(client: ApiClient, run: RunResource, options: FollowOptions): Promise<void> {
    const sinceMs = this.clock.monotonicMs();
    const ended = await this.#waitForLastAttempt(client, run, options);
    const { terminal } = this;
    // Elsewhere stderr is the script's own, unless its output is not shown at all.
    if (terminal.errIsTerminal || options.format !== null)
      await terminal.err(endText(ended, this.#secondsSince(sinceMs)));
    const explanation = explainRun(ended);
    if (explanation !== null) await terminal.err(explanation);
    if (options.format !== null) await this.printer.one(options.format, ended, RUN_VIEW.nameOf);
    this.exit.code = runExitCode(ended);
  }

  /** A run that is tried again has its exit code from the last attempt. */
  async #waitForLastAttempt(client: ApiClient, run: RunResource, options: FollowOptions): Promise<RunResource> {
    const sinceMs = this.clock.monotonicMs();
    let ended = await this.#waitWithProgress(client, run, options);
    while (ended.retriedBy) {
      const next = await findAttempt(client, ended.retriedBy);
      await this.terminal.err(nextAttemptText(ended, next));
      const { waitSeconds } = options;
      const left = waitSeconds === null ? null : Math.max(0, waitSeconds - this.#secondsSince(sinceMs));
      ended = await this.#waitWithProgress(client, next, { ...options, waitSeconds: left });
    }
    return ended;
  }

  async #waitWithProgress(client: ApiClient, run: RunResource, options: FollowOptions): Promise<RunResource> {
    const { clock, terminal } = this;
    const sinceMs = clock.monotonicMs();
    const progress = new ProgressTerminal(terminal, clock);
    const watch = new RunStateWatch(client, run, clock);
    if (terminal.errIsTerminal) watch.start();
    await progress.start(() => progressText(run, watch.state, this.#secondsSince(sinceMs)));
    try {
      const streams = options.format === null ? STREAMS : [];
      return await followToEnd(client, run, {
        ...options,
        clock,
        streams,
        terminal: progress,
        onOutput: () => watch.sawOutput(),
      });
    } finally {
      watch.stop();
      await progress.stop();
    }
  }

  readonly #secondsSince = (sinceMs: number): number => Math.floor((this.clock.monotonicMs() - sinceMs) / 1000);
}

async function findAttempt(client: ApiClient, id: string): Promise<RunResource> {
  try {
    return await client.getRun(id);
  } catch (error) {
    throw new CommandFailed(error, EXIT.notRun);
  }
}
