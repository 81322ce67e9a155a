import { join } from 'node:path';
import { MeshError, type RunId } from '@scriptmesh/contracts';
import { failpoint } from '@scriptmesh/failpoints';
import type { RecordIndex } from '../domain/record-index.js';
import type { RunRecord } from '../journal.js';
import type { SpoolDisk } from '../spool-disk.js';
import { BatchLane } from './batch-lane.js';
import { writeRecord } from './durable-record.js';
import { RESERVE, RESERVE_BYTES, type FenceFile, type IntentFile } from './spool-files.js';
import { toStorageError } from './storage-error.js';

/** An intent or a fence on its way to the disk. */
interface Addition {
  readonly record: Exclude<RunRecord, { kind: 'done' }>;
  readonly isCounted: boolean;
  /** @param n its number in the journal's count */
  readonly toFile: (n: number) => IntentFile | FenceFile;
}

interface Place {
  readonly spool: string;
  readonly disk: SpoolDisk;
}

/** Nothing was written, and what stands is not touched. */
class RecordStands extends MeshError {
  constructor(runId: RunId) {
    super('store/unavailable', `the journal has a record of run ${runId} already`);
  }
}

/**
 * Adds intents and fences to the spool. Those that come while others are being written are written together and share
 * the waits for the disk; but batch follows batch, so that all up to `count` are durable.
 */
export class RecordAdditions {
  readonly #lane = new BatchLane<Addition>((additions) => this.#addAll(additions));

  constructor(
    private readonly place: Place,
    private readonly index: RecordIndex,
    private highest: number,
  ) {}

  /** The number of the highest record that is durable together with all before it. */
  get count(): number {
    return this.highest;
  }

  /** @throws MeshError store/full, store/unavailable; nothing was recorded then */
  add(addition: Addition): Promise<void> {
    return this.#lane.add(addition);
  }

  async #addAll(additions: readonly Addition[]): Promise<readonly PromiseSettledResult<void>[]> {
    let n = this.highest;
    const numbers = additions.map(({ isCounted }) => (n += isCounted ? 1 : 0));
    const folders = this.#makeFolders(additions);
    await Promise.allSettled(folders);
    // Once for all of them, while their files are being written.
    const synced = this.place.disk.syncFolder(this.place.spool);
    const made = additions.map(async (addition, at) => {
      await folders[at];
      await this.#write(addition, numbers[at] as number);
    });
    await Promise.allSettled([...made, synced]);
    const outcomes = additions.map(({ record }, at) =>
      Promise.all([made[at], synced]).then(
        () => this.#note(record, numbers[at] as number),
        (error: unknown) => this.#undo(record, error),
      ),
    );
    return Promise.allSettled(outcomes);
  }

  #makeFolders(additions: readonly Addition[]): readonly Promise<void>[] {
    const { disk, spool } = this.place;
    const named = new Set<RunId>();
    return additions.map(({ record: { runId } }) => {
      const isTaken = named.has(runId) || this.index.find(runId);
      named.add(runId);
      return isTaken ? Promise.reject(new RecordStands(runId)) : disk.makeFolder(join(spool, runId));
    });
  }

  async #write({ record, toFile }: Addition, n: number): Promise<void> {
    const { disk, spool } = this.place;
    const folder = join(spool, record.runId);
    if (record.kind === 'intent') {
      await disk.writeFile(join(folder, RESERVE), new Uint8Array(RESERVE_BYTES), { durable: false });
      failpoint('journal.reserve-kept');
    }
    await writeRecord(disk, folder, record.kind, toFile(n));
  }

  #note(record: Addition['record'], n: number): void {
    this.highest = Math.max(this.highest, n);
    this.index.put(record);
  }

  /**
   * A record that failed half-way must not come to light after a restart, when its offer was answered with busy.
   * When even the removal fails, the run is fenced in memory: it is neither started now nor ever.
   */
  async #undo({ kind, runId }: Addition['record'], error: unknown): Promise<never> {
    if (error instanceof RecordStands) throw error;
    // Not ours: another agent, which the lock did not see, is at work on this spool. Its record is not touched.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw toStorageError(error, `write the ${kind} of run ${runId}`);
    const { disk, spool } = this.place;
    try {
      await disk.removeFolder(join(spool, runId));
      await disk.syncFolder(spool);
    } catch {
      const why = 'the disk of the spool failed while the intent was written';
      this.index.put({
        kind: 'intent',
        runId,
        receipt: '',
        script: '',
        scriptSha: '0'.repeat(64),
        timeoutMs: 0,
        end: { kind: 'lost', started: false, why, cause: 'before-start' },
      });
    }
    throw toStorageError(error, `write the ${kind} of run ${runId}`);
  }
}
