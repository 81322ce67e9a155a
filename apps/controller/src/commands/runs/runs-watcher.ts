import { Injectable } from '@nestjs/common';
import type { ApiClient } from '@scriptmesh/api-client';
import { isMeshError, MeshError, type RunResource, type RunState } from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import { EXIT } from '../../exit-code.js';
import { ExitStatus } from '../../exit-status.js';
import { escapeLine } from '../../output/escape-controls.js';
import { LiveTable } from '../../output/live-table.js';
import type { OutputFormat } from '../../output/output-format.js';
import { Printer } from '../../output/printer.js';
import { Terminal } from '../../ports/terminal.js';
import { exitText } from '../run/run-texts.js';
import { restBetween } from './rest-between.js';
import { RUN_VIEW } from './run-view.js';
import { type RunChange, SeenRuns } from './seen-runs.js';

interface RunsQuery {
  readonly agent?: string;
  readonly script?: string;
  readonly state?: RunState;
}

interface WatchOptions {
  readonly signal: AbortSignal;
  readonly everyMs: number;
  readonly format: OutputFormat;
}

const LOOKED_AT = 100;
/** Runs asked for one by one in a look; the rest has its turn at the next. */
const MOST_ASIDE = 20;
const GIVE_UP_AFTER_MS = 5 * 60_000;

/** Looks at the list of runs again and again: a live table on a terminal, elsewhere a line for each change. */
@Injectable()
export class RunsWatcher {
  constructor(
    private readonly terminal: Terminal,
    private readonly printer: Printer,
    private readonly clock: Clock,
    private readonly exit: ExitStatus,
  ) {}

  /** Until the signal fires. An orchestrator that is away for a while is waited for. @throws MeshError */
  async watch(client: ApiClient, query: RunsQuery, { signal, everyMs, format }: WatchOptions): Promise<void> {
    const show = this.#shower(format);
    const seen = new SeenRuns();
    let goodAtMs: number | null = null;
    let isAway = false;
    while (!signal.aborted) {
      try {
        const { items } = await client.listRuns({ ...query, limit: LOOKED_AT }, signal);
        const aside = await this.#lookAside(client, seen, items, signal);
        await show(items, seen.take([...items, ...aside]));
        goodAtMs = this.clock.monotonicMs();
        isAway = false;
      } catch (error) {
        if (signal.aborted) break;
        const isShort = goodAtMs !== null && this.clock.monotonicMs() - goodAtMs < GIVE_UP_AFTER_MS;
        if (!isShort || !mayPass(error)) throw error;
        if (!isAway) await this.printer.remark(`scriptmesh: ${escapeLine(error.detail)}; trying again`);
        isAway = true;
      }
      await restBetween(this.clock, everyMs, signal);
    }
    this.exit.code = EXIT.interrupted;
  }

  /** Runs that left the list, because they are too old for it or not in the wanted state any more. */
  async #lookAside(client: ApiClient, seen: SeenRuns, items: readonly RunResource[], signal: AbortSignal) {
    const found: RunResource[] = [];
    for (const id of seen.missingFrom(items).slice(0, MOST_ASIDE)) {
      try {
        found.push(await client.getRun(id, signal));
      } catch (error) {
        if (!isMeshError(error) || error.code !== 'run/not-found') throw error;
        seen.forget(id);
      }
    }
    return found;
  }

  #shower(format: OutputFormat): (runs: readonly RunResource[], changes: readonly RunChange[]) => Promise<void> {
    if (format === 'table' && this.terminal.outIsTerminal) {
      const table = new LiveTable(this.terminal, RUN_VIEW, 'No such runs yet; Ctrl-C ends.');
      return (runs) => table.draw(runs);
    }
    return async (_runs, changes) => {
      for (const change of changes) {
        if (format === 'table') await this.terminal.out(this.#line(change));
        else await this.printer.one(format, change.run, RUN_VIEW.nameOf);
      }
    };
  }

  #line({ run, before }: RunChange): string {
    const { id, agent, script, state } = run;
    const change = `${before === null ? '' : `${before} -> `}${state}${exitText(run)}`;
    const words = [new Date(this.clock.nowMs()).toISOString(), id, agent, script, change];
    return `${words.map(escapeLine).join('  ')}\n`;
  }
}

const mayPass = (error: unknown): error is MeshError =>
  isMeshError(error) && (error.status >= 500 || error.status === 429) && error.code !== 'internal/unexpected';
