import { Injectable } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { isRunCause, LEGACY_TRANSPORT, type RunCause, type RunId } from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import { AuditLog, type AuditRow } from '../audit/index.js';
import { AgentDirectory, LivenessView } from '../registry/index.js';
import type { AgentFacts, ExplainFacts } from './domain/explanation.js';
import type { Run } from './domain/run.js';
import { RunsService } from './runs.service.js';

/** A run has a handful of events; only one whose agent turns every offer away for days has more than a page. */
const ROWS_AT_ONCE = 500;

@Injectable()
export class HistorySurroundings {
  constructor(
    readonly clock: Clock,
    readonly settings: OrchestratorSettings,
    readonly liveness: LivenessView,
  ) {}
}

/** What the audit tells of a run: its events, and the facts that explain what became of it. */
@Injectable()
export class RunHistory {
  constructor(
    private readonly runs: RunsService,
    private readonly audit: AuditLog,
    private readonly agents: AgentDirectory,
    private readonly surroundings: HistorySurroundings,
  ) {}

  /** Oldest first. @throws MeshError run/not-found */
  async list(id: string, limit: number, after: number | null): Promise<{ run: Run; rows: readonly AuditRow[] }> {
    const run = await this.runs.getRun(id);
    return { run, rows: await this.audit.listOf(subjectOf(run.id), limit, after) };
  }

  /** @throws MeshError run/not-found */
  async getFacts(id: string): Promise<ExplainFacts> {
    const run = await this.runs.getRun(id);
    const { clock, settings } = this.surroundings;
    return {
      run,
      ...(await this.#findLastWord(run.id)),
      agent: await this.#findAgent(run),
      nowMs: clock.nowMs(),
      lostAfterMs: settings.lostAfterSeconds * 1000,
      outputMaxBytes: settings.outputMaxBytes,
    };
  }

  /** The cause of the last transition, and who wanted the run to end. */
  async #findLastWord(id: RunId): Promise<Pick<ExplainFacts, 'cause' | 'cancelledBy'>> {
    let cause: RunCause | null = null;
    let cancelledBy: string | null = null;
    let after: number | null = null;
    for (;;) {
      const rows: readonly AuditRow[] = await this.audit.listOf(subjectOf(id), ROWS_AT_ONCE, after);
      for (const row of rows) {
        if (isTransition(row) || isBirth(row)) cause = causeOfRow(row);
        if (asksForEnd(row)) cancelledBy = row.principal;
      }
      if (rows.length < ROWS_AT_ONCE) return { cause, cancelledBy };
      after = rows.at(-1)?.seq ?? null;
    }
  }

  async #findAgent({ agentId }: Run): Promise<AgentFacts | undefined> {
    const agent = await this.agents.findAgent(agentId);
    if (!agent) return undefined;
    return {
      liveness: this.surroundings.liveness.livenessOf(agent),
      lastSeenAtMs: agent.lastSeenAtMs,
      freeSlots: agent.freeSlots,
      isKnown: agent.journalId !== null || agent.transport === LEGACY_TRANSPORT,
    };
  }
}

const subjectOf = (id: RunId) => ({ subjectKind: 'run', subject: id }) as const;
export const isBirth = ({ action }: AuditRow): boolean => action === 'run.accepted';
const isTransition = ({ action }: AuditRow): boolean => action === 'run.transition';

export function causeOfRow(row: AuditRow): RunCause | null {
  if (isBirth(row)) return 'asked';
  const { cause } = row.detail;
  return isRunCause(cause) ? cause : null;
}

/** The decision to cancel, or a cancel or a removal that took effect at once; not the agent's report of it. */
const asksForEnd = (row: AuditRow): boolean =>
  row.action.startsWith('run.cancel') ||
  (isTransition(row) && ['cancel', 'agent-removed'].includes(String(row.detail['cause'])));
