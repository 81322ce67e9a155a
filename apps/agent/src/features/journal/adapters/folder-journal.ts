import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentId, type JournalId, type RunId } from '@scriptmesh/contracts';
import { failpoint } from '@scriptmesh/failpoints';
import type { Ids } from '@scriptmesh/runtime';
import type { EndRecord } from '../domain/end-record.js';
import { HeardStores } from '../domain/heard-stores.js';
import { RecordIndex } from '../domain/record-index.js';
import { Journal, type Fence, type HeardStore, type IntentRecord, type RunRecord } from '../journal.js';
import type { SpoolDisk } from '../spool-disk.js';
import { BatchLane } from './batch-lane.js';
import { replaceFile, writeRecord } from './durable-record.js';
import { RecordAdditions } from './record-additions.js';
import { loadSpool } from './load-spool.js';
import {
  JOURNAL_FILE,
  RESERVE,
  type DoneFile,
  type FenceFile,
  type IntentFile,
  type JournalFile,
} from './spool-files.js';
import { toStorageError } from './storage-error.js';
import { writeDone } from './write-done.js';

interface FolderJournalOptions {
  readonly spool: string;
  readonly disk: SpoolDisk;
  readonly ids: Ids;
  /** Fences and done records kept. */
  readonly keptRecords: number;
}

interface State {
  readonly journalId: JournalId;
  readonly floor: RunId | null;
}

/**
 * The journal as folders. Intents and fences are added batch after batch: so the count that a frame tells of is the
 * number of a record that is durable together with all records before it, and a restored snapshot that lacks one has a
 * lower count. What tidies (done records, pruning) goes one after another, beside them.
 */
export class FolderJournal extends Journal {
  /** What could not be read at start, in words for the log. */
  readonly faults: readonly string[];
  readonly #listeners: ((runId: RunId, end: EndRecord) => void)[] = [];
  readonly #index: RecordIndex;
  readonly #additions: RecordAdditions;
  readonly #heard: HeardStores;
  readonly #options: FolderJournalOptions;
  #state: State;
  readonly #settlements = new BatchLane<RunId>((runIds) => this.#settleAll(runIds));
  #lane: Promise<unknown> = Promise.resolve();

  private constructor(options: FolderJournalOptions, loaded: ReturnType<typeof loadSpool>) {
    super();
    this.#options = options;
    this.#index = new RecordIndex(loaded.records.values());
    this.#heard = new HeardStores(loaded.heard);
    this.#additions = new RecordAdditions(options, this.#index, loaded.recordCount);
    this.#state = loaded.journal ?? { journalId: options.ids.randomHex(16) as JournalId, floor: null };
    this.faults = loaded.faults;
  }

  /** Reads the spool, making it when there is none. @throws MeshError store/full, store/unavailable */
  static async open(options: FolderJournalOptions): Promise<FolderJournal> {
    try {
      mkdirSync(options.spool, { recursive: true, mode: 0o700 });
      const loaded = loadSpool(options.spool);
      const journal = new FolderJournal(options, loaded);
      if (!loaded.journal) await journal.#saveState(journal.#state);
      return journal;
    } catch (error) {
      throw toStorageError(error, `open the spool ${options.spool}`);
    }
  }

  override get journalId(): JournalId {
    return this.#state.journalId;
  }
  override get recordCount(): number {
    return this.#additions.count;
  }
  override get floor(): RunId | null {
    return this.#state.floor;
  }
  override find(runId: RunId): RunRecord | undefined {
    return this.#index.find(runId);
  }
  override open(): readonly IntentRecord[] {
    return this.#index.open();
  }
  override folderOf(runId: RunId): string {
    return join(this.#options.spool, runId);
  }
  override onEnd(listener: (runId: RunId, end: EndRecord) => void): void {
    this.#listeners.push(listener);
  }

  override heardStore(agentId: AgentId): HeardStore | undefined {
    return this.#heard.find(agentId);
  }
  override noteHeardStore(heard: HeardStore): void {
    this.#heard.note(heard);
  }

  override async writeIntent(intent: Omit<IntentRecord, 'kind' | 'end'>): Promise<{ readonly folder: string }> {
    const { runId } = intent;
    await this.#additions.add({
      record: { kind: 'intent', ...intent, end: null },
      // The count is what the orchestrator compares; a local record comes and goes without it.
      isCounted: intent.origin !== 'local',
      toFile: (n): IntentFile => ({ n, ...intent, ...this.#heard.asField }),
    });
    return { folder: this.folderOf(runId) };
  }

  override async writeFence(runId: RunId, receipt: string, fence: Fence): Promise<void> {
    await this.#additions.add({
      record: { kind: 'fence', runId, receipt, fence },
      isCounted: true,
      toFile: (n): FenceFile => ({ n, runId, receipt, fence, ...this.#heard.asField }),
    });
    await this.#inTurn('prune the journal', () => this.#prune());
  }

  override writeEnd(runId: RunId, end: EndRecord): Promise<void> {
    return this.#inTurn(`write the end of run ${runId}`, async () => {
      const record = this.#index.find(runId);
      if (record?.kind !== 'intent' || record.end) return;
      const folder = this.folderOf(runId);
      await this.#options.disk.remove(join(folder, RESERVE));
      await writeRecord(this.#options.disk, folder, 'end', end);
      this.noteEnd(runId, end);
    });
  }

  override noteEnd(runId: RunId, end: EndRecord): void {
    if (!this.#index.putEnd(runId, end)) return;
    for (const listener of this.#listeners) listener(runId, end);
  }

  override settle(runId: RunId): Promise<void> {
    return this.#settlements.add(runId);
  }

  override discard(runId: RunId): Promise<void> {
    return this.#inTurn(`discard run ${runId}`, async () => {
      const record = this.#index.find(runId);
      if (record?.kind !== 'intent' || record.origin !== 'local' || !record.end) return;
      await this.#options.disk.removeFolder(this.folderOf(runId));
      this.#index.deleteOpen(runId);
    });
  }

  override mintNewJournal(): Promise<void> {
    return this.#inTurn('give the journal a new id', async () => {
      failpoint('journal.new-id-minted');
      await this.#saveState({ ...this.#state, journalId: this.#options.ids.randomHex(16) as JournalId });
      failpoint('journal.new-id-durable');
    });
  }

  /** Beside the additions: a new run does not wait for the tidying of an old one. */
  #settleAll(runIds: readonly RunId[]): Promise<readonly PromiseSettledResult<void>[]> {
    return this.#inTurn('settle runs', async () => {
      const outcomes = await Promise.allSettled(
        runIds.map((runId) =>
          this.#settle(runId).catch((error: unknown) => {
            throw toStorageError(error, `settle run ${runId}`);
          }),
        ),
      );
      await this.#prune();
      return outcomes;
    });
  }

  async #settle(runId: RunId): Promise<void> {
    const record = this.#index.find(runId);
    if (record?.kind !== 'intent' || !record.end) return;
    const { disk } = this.#options;
    const folder = this.folderOf(runId);
    const { receipt, end } = record;
    const done: DoneFile = { n: this.#additions.count, runId, receipt, end, ...this.#heard.asField };
    await writeDone(disk, folder, done);
    this.#index.put({ kind: 'done', runId, receipt, end });
    const names = await disk.listNames(folder);
    await disk.removeAll(
      folder,
      names.filter((name) => name !== 'done'),
    );
    failpoint('journal.emptied');
  }

  /** By count, in id order. The floor is durable before the first record goes, and with it the count they carried. */
  async #prune(): Promise<void> {
    const surplus = this.#index.surplus(this.#options.keptRecords);
    const highest = surplus.at(-1);
    if (highest === undefined) return;
    const floor = this.#state.floor !== null && this.#state.floor > highest ? this.#state.floor : highest;
    try {
      await this.#saveState({ ...this.#state, floor });
      failpoint('journal.floor-durable');
      for (const runId of surplus) {
        this.#index.delete(runId);
        await this.#options.disk.removeFolder(this.folderOf(runId));
        failpoint('journal.pruned');
      }
    } catch {
      // The record that was to be written stands; what could not be pruned now is pruned with the next one.
    }
  }

  async #saveState(state: State): Promise<void> {
    const { disk, spool } = this.#options;
    const { journalId, floor } = state;
    const file: JournalFile = { journalId, count: this.#additions.count, floor, ...this.#heard.asField };
    await replaceFile(disk, spool, JOURNAL_FILE, JSON.stringify(file));
    this.#state = { journalId, floor };
  }

  #inTurn<T>(doing: string, work: () => Promise<T>): Promise<T> {
    const done = this.#lane.then(work).catch((error: unknown) => {
      throw toStorageError(error, doing);
    });
    this.#lane = done.catch(() => undefined);
    return done;
  }
}
