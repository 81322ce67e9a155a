import type { PrincipalId } from '@scriptmesh/contracts';
import type { Writer } from '@scriptmesh/database';

export interface AuditEntry {
  readonly principal: PrincipalId;
  /** As in `run.transition`, `agent.registered`. */
  readonly action: string;
  readonly subjectKind: 'run' | 'agent' | 'access';
  readonly subject: string;
  /** Facts; never a secret or a parameter value. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

export type AuditSubject = Pick<AuditEntry, 'subjectKind' | 'subject'>;

/** An entry as it was written. */
export interface AuditRow {
  /** Counts up; the order of the audit. */
  readonly seq: number;
  readonly atMs: number;
  readonly principal: string;
  readonly action: string;
  readonly subjectKind: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly requestId: string | null;
}

/** The append-only record of every change and decision, written in the transaction of the change itself. */
export abstract class AuditLog {
  /** One insert for all entries. Takes time and request id from its surroundings. */
  abstract append(trx: Writer, entries: readonly AuditEntry[]): Promise<void>;
  /** Newest first; `before` is the `seq` of the last row of the page before. */
  abstract list(limit: number, before: number | null): Promise<readonly AuditRow[]>;
  /** All that was written about one thing, oldest first; `after` is the `seq` of the last row of the page before. */
  abstract listOf(subject: AuditSubject, limit: number, after: number | null): Promise<readonly AuditRow[]>;
}
