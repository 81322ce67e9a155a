import type { LogAsk, LogPart, LogReport } from '@scriptmesh/contracts';

/** Whose logs they are is all that differs: an agent's, asked for by messages, or the orchestrator's own. */
export interface LogSource {
  /** As in `the agent db-1`; limits are counted by it. */
  readonly label: string;
  /** @throws MeshError agent/unreachable, agent/bad-answer, agent/busy */
  list(): Promise<LogReport>;
  /** @throws MeshError log/not-found, log/unreadable, and those of `list` */
  read(ask: LogAsk): Promise<LogPart>;
}
