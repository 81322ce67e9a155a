import type { AgentId, JournalId } from '@scriptmesh/contracts';

/** An agent as the orchestrator knows it. */
export interface Agent {
  readonly id: AgentId;
  readonly name: string;
  /** Without a trailing slash; null for an agent that only dials itself. */
  readonly url: string | null;
  readonly transport: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly facts: Readonly<Record<string, unknown>>;
  /** null until the first hello. */
  readonly journalId: JournalId | null;
  readonly epoch: number;
  /** The highest record count that the current journal told of. */
  readonly countSeen: number;
  readonly manifestSha: string | null;
  readonly freeSlots: number | null;
  readonly registeredAtMs: number;
  readonly lastSeenAtMs: number | null;
}
