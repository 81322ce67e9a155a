import { FolderJournal } from '../../apps/agent/src/features/journal/adapters/folder-journal.js';
import { RecordAdditions } from '../../apps/agent/src/features/journal/adapters/record-additions.js';
import { JOURNAL_FILE } from '../../apps/agent/src/features/journal/adapters/spool-files.js';
import { RecordIndex } from '../../apps/agent/src/features/journal/domain/record-index.js';
import { MessageSeal } from '../../apps/agent/src/features/link/message-seal.js';
import { LifeDisk } from './life-disk.js';
import { DIRECTED } from './directed-histories.js';
import type { PlantedBug } from './planting.js';

/** Mistakes in what the agent keeps on record. */
export const JOURNAL_BUGS: readonly PlantedBug[] = [
  {
    name: 'intentNotWritten',
    caughtBy: ['I1'],
    shownBy: 1,
    what: 'a script is started without an intent',
    plant: (p) =>
      p.around(
        FolderJournal,
        'writeIntent',
        (_real, self) =>
          ({ runId }) =>
            Promise.resolve({ folder: self().folderOf(runId) }),
      ),
  },
  {
    name: 'intentNotDurable',
    caughtBy: ['I9'],
    shownBy: 3,
    what: 'the intent is not on disk when its script is started',
    plant: (p) =>
      p.around(LifeDisk, 'link', (real) => (from, to) => (to.endsWith('/intent') ? Promise.resolve() : real(from, to))),
  },
  {
    name: 'noFence',
    caughtBy: ['I6'],
    shownBy: 16,
    what: 'a cancel of an unknown run is answered without a fence',
    plant: (p) =>
      p.around(
        FolderJournal,
        'writeFence',
        (real) => (runId, receipt, fence) => (fence.by === 'cancel' ? Promise.resolve() : real(runId, receipt, fence)),
      ),
  },
  {
    name: 'floorIgnored',
    caughtBy: ['I1'],
    shownBy: 14,
    what: 'an offer below the floor is taken like any other',
    plant: (p) => p.getter(FolderJournal, 'floor', () => null),
  },
  {
    name: 'succeedsWithoutExit',
    caughtBy: ['I6'],
    shownBy: 26,
    what: 'a run whose end nobody saw is reported with exit 0',
    plant: (p) =>
      p.around(
        FolderJournal,
        'writeEnd',
        (real) => (runId, end) => real(runId, end.kind === 'lost' ? { ...NOTHING_WRITTEN, kind: 'exit' } : end),
      ),
  },
  {
    name: 'lossSaysStarted',
    caughtBy: ['I6'],
    shownBy: 26,
    what: 'every loss is said to have been started',
    plant: (p) =>
      p.around(
        FolderJournal,
        'writeEnd',
        (real) => (runId, end) => real(runId, end.kind === 'lost' ? { ...end, started: true } : end),
      ),
  },
  {
    name: 'deleteBeforeAck',
    caughtBy: ['I5'],
    shownBy: 8,
    what: 'the agent lets go of a run when it has sent the result',
    plant: (p) =>
      p.around(MessageSeal, 'seal', (real, self) => (agentId, outgoing) => {
        const { journal } = self() as unknown as { readonly journal: FolderJournal };
        const { message } = outgoing;
        if (message.kind === 'result') p.reach();
        if (message.kind === 'result') void journal.settle(message.runId).catch(() => undefined);
        return real(agentId, outgoing);
      }),
  },
  {
    name: 'noDoneRecord',
    caughtBy: ['I1'],
    shownBy: 8,
    what: 'ackResult leaves no done record',
    plant: (p) => {
      p.around(RecordIndex, 'put', (real, self) => (record) => {
        real(record);
        if (record.kind !== 'done') return;
        p.reach();
        self().delete(record.runId);
      });
      p.around(
        LifeDisk,
        'removeAll',
        (real, self) => (folder, names) => (names.includes('end') ? self().removeFolder(folder) : real(folder, names)),
      );
    },
  },
  {
    name: 'noFenceForRefusal',
    caughtBy: ['I8'],
    shownBy: DIRECTED.noFenceForRefusal,
    what: 'an offer is refused without a fence',
    plant: (p) =>
      p.around(
        FolderJournal,
        'writeFence',
        (real) => (runId, receipt, fence) => (fence.by === 'refusal' ? Promise.resolve() : real(runId, receipt, fence)),
      ),
  },
  {
    name: 'floorNotDurable',
    caughtBy: ['I1'],
    shownBy: DIRECTED.floorNotDurable,
    what: 'the floor is not on disk when the records below it are pruned',
    plant: (p) =>
      p.around(LifeDisk, 'writeFile', (real) => (path, content) => {
        if (!path.endsWith(`${JOURNAL_FILE}.tmp`)) return real(path, content);
        return real(path, JSON.stringify({ ...(JSON.parse(String(content)) as object), floor: null }));
      }),
  },
  {
    name: 'countIntentsOnly',
    caughtBy: ['I8'],
    shownBy: DIRECTED.countIntentsOnly,
    what: 'the record count leaves out fences',
    plant: (p) =>
      p.around(
        RecordAdditions,
        'add',
        (real) => (addition) => real(addition.record.kind === 'fence' ? { ...addition, isCounted: false } : addition),
      ),
  },
  {
    name: 'fenceTakenForDone',
    caughtBy: ['I5'],
    shownBy: 2,
    what: 'a fence is answered like a done record',
    plant: (p) =>
      p.around(FolderJournal, 'find', (real) => (runId) => {
        const record = real(runId);
        if (record?.kind !== 'fence') return record;
        return { kind: 'done', runId, receipt: record.receipt, end: { ...NOTHING_WRITTEN, kind: 'exit' } };
      }),
  },
  {
    name: 'doneTakenForFence',
    caughtBy: ['I6'],
    shownBy: DIRECTED.doneTakenForFence,
    what: 'a done record is answered like a fence',
    plant: (p) =>
      p.around(FolderJournal, 'find', (real) => (runId) => {
        const record = real(runId);
        if (record?.kind !== 'done') return record;
        return { kind: 'fence', runId, receipt: record.receipt, fence: { by: 'cancel', belowFloor: false } };
      }),
  },
];

const NOTHING_WRITTEN = {
  code: 0,
  signal: null,
  killedBy: null,
  lengths: { stdout: 0, stderr: 0 },
  sha256: {
    stdout: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    stderr: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  },
  dropped: { stdout: 0, stderr: 0 },
  durationMs: 1,
} as const;
