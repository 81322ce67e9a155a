import type { RunId } from '@scriptmesh/contracts';
import type { EndRecord } from './end-record.js';
import type { IntentRecord, RunRecord } from '../journal.js';

/** All records in memory, the open ones apart, so that answers need no disk. */
export class RecordIndex {
  readonly #open = new Map<RunId, IntentRecord>();
  readonly #settled = new Map<RunId, RunRecord>();

  constructor(records: Iterable<RunRecord> = []) {
    for (const record of records) this.put(record);
  }

  put(record: RunRecord): void {
    if (record.kind === 'intent') {
      this.#open.set(record.runId, record);
      return;
    }
    this.#open.delete(record.runId);
    this.#settled.set(record.runId, record);
  }

  find(runId: RunId): RunRecord | undefined {
    return this.#open.get(runId) ?? this.#settled.get(runId);
  }

  open(): readonly IntentRecord[] {
    return [...this.#open.values()];
  }

  /** The intent with its end; undefined when it is not open or has an end already: the first one stays. */
  putEnd(runId: RunId, end: EndRecord): IntentRecord | undefined {
    const intent = this.#open.get(runId);
    if (!intent || intent.end) return undefined;
    const ended = { ...intent, end };
    this.#open.set(runId, ended);
    return ended;
  }

  deleteOpen(runId: RunId): void {
    this.#open.delete(runId);
  }

  delete(runId: RunId): void {
    this.#settled.delete(runId);
  }

  /**
   * The settled records that are too many, lowest id first. A hundredth more than `kept` is let stand, so that the
   * sorting and the durable floor are paid for once per many records.
   */
  surplus(kept: number): readonly RunId[] {
    if (this.#settled.size <= kept + Math.floor(kept / 100)) return [];
    return [...this.#settled.keys()].toSorted().slice(0, this.#settled.size - kept);
  }
}
