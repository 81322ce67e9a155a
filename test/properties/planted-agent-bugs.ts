import type { Of, RunId, ToAgentHeader, ToAgentKind } from '@scriptmesh/contracts';
import { LeftRuns } from '../../apps/agent/src/features/execution/restart/left-runs.js';
import { FolderJournal } from '../../apps/agent/src/features/journal/adapters/folder-journal.js';
import { MessageSeal } from '../../apps/agent/src/features/link/message-seal.js';
import { OrchestratorMail, say, type Outgoing } from '../../apps/agent/src/features/link/index.js';
import type { PlantedBug, Planting } from './planting.js';
import { ScriptHost } from './script-host.js';
import { LifeDisk } from './life-disk.js';

type Handler<K extends ToAgentKind> = (header: Of<ToAgentHeader, K>) => Promise<readonly Outgoing[]>;

/** The journal behind the mail, which every object of one agent shares. */
const journalOf = (mail: OrchestratorMail): FolderJournal =>
  (mail as unknown as { readonly seal: { readonly journal: FolderJournal } }).seal.journal;

/** Puts something before or in place of the handler of one kind of message. */
function receiving<K extends ToAgentKind>(
  planting: Planting,
  kind: K,
  make: (real: Handler<K>, journal: FolderJournal) => Handler<K>,
): void {
  planting.around(
    OrchestratorMail,
    'handle',
    (real, self) =>
      ((of: ToAgentKind, handler: Handler<never>) =>
        real(
          of,
          (of === kind ? make(handler as unknown as Handler<K>, journalOf(self())) : handler) as never,
        )) as never,
  );
}

const asMine =
  <K extends 'offer' | 'cancel' | 'ask'>() =>
  (real: Handler<K>, journal: FolderJournal): Handler<K> =>
  (header) =>
    real({ ...header, journalId: journal.journalId });

export const AGENT_BUGS: readonly PlantedBug[] = [
  {
    name: 'intentNotWritten',
    shownBy: 0,
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
    shownBy: 0,
    what: 'the intent is not on disk when its script is started',
    plant: (p) =>
      p.around(LifeDisk, 'link', (real) => (from, to) => (to.endsWith('/intent') ? Promise.resolve() : real(from, to))),
  },
  {
    name: 'noDedup',
    shownBy: 0,
    what: 'the record of a run is ignored when it is offered again',
    plant: (p) => {
      let offered: RunId | undefined;
      receiving(p, 'offer', (real) => (header) => {
        offered = header.runId;
        return real(header).finally(() => (offered = undefined));
      });
      p.around(FolderJournal, 'find', (real) => (runId) => (runId === offered ? undefined : real(runId)));
      p.around(
        FolderJournal,
        'writeIntent',
        (real, self) => (intent) => real(intent).catch(() => ({ folder: self().folderOf(intent.runId) })),
      );
    },
  },
  {
    name: 'rerunIntent',
    shownBy: 7,
    what: 'a restarted agent starts its unfinished intents again',
    plant: (p) => p.around(LeftRuns, 'lookIntoAll', (_real, self) => () => startAgain(self())),
  },
  {
    name: 'offerWithoutJournal',
    shownBy: 17,
    what: 'the agent does not compare the journal id of an offer',
    plant: (p) => receiving(p, 'offer', asMine()),
  },
  {
    name: 'noFenceForCancel',
    shownBy: 11,
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
    shownBy: 46,
    what: 'an offer below the floor is taken like any other',
    plant: (p) => p.getter(FolderJournal, 'floor', () => null),
  },
  {
    name: 'countNotCompared',
    shownBy: 17,
    what: 'an agent goes on with a spool that is older than what it told of',
    plant: (p) =>
      receiving(p, 'welcome', (real) => (header) => real({ ...header, countSeen: Math.min(0, header.countSeen) })),
  },
  {
    name: 'retiredIgnored',
    shownBy: 53,
    what: 'an agent goes on with a journal that was retired',
    plant: (p) => receiving(p, 'journal/retired', () => () => Promise.resolve([])),
  },
  {
    name: 'expiryKills',
    shownBy: 24,
    what: 'why: expired kills a run that runs',
    plant: (p) => receiving(p, 'cancel', (real) => (header) => real({ ...header, why: 'cancelled' })),
  },
  {
    name: 'neverWhileRunning',
    shownBy: 21,
    what: 'a cancel of a run that runs is answered as if it had been fenced',
    plant: (p) =>
      receiving(p, 'cancel', (real, journal) => async (header) => {
        const { runId, receipt } = header;
        const isOpen = journal.find(runId)?.kind === 'intent';
        const answers = await real(header);
        return isOpen ? say({ kind: 'never', runId, receipt, belowFloor: false }) : answers;
      }),
  },
  {
    name: 'absentWithRecord',
    shownBy: 7,
    what: 'an ask about a run whose script runs is answered with absent',
    plant: (p) =>
      receiving(p, 'ask', (real, journal) => (header) => {
        const { runId, receipt, askedWhile } = header;
        if (journal.find(runId)?.kind !== 'intent') return real(header);
        return Promise.resolve(say({ kind: 'absent', runId, receipt, askedWhile }));
      }),
  },
  {
    name: 'exitGuessed',
    shownBy: 2,
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
    shownBy: 2,
    what: 'every loss is said to have been started',
    plant: (p) =>
      p.around(
        FolderJournal,
        'writeEnd',
        (real) => (runId, end) => real(runId, end.kind === 'lost' ? { ...end, started: true } : end),
      ),
  },
  {
    name: 'settledBeforeAck',
    shownBy: 45,
    what: 'the agent lets go of a run when it has sent the result',
    plant: (p) =>
      p.around(MessageSeal, 'seal', (real, self) => (agentId, outgoing) => {
        const { journal } = self() as unknown as { readonly journal: FolderJournal };
        const { message } = outgoing;
        if (message.kind === 'result') void journal.settle(message.runId).catch(() => undefined);
        return real(agentId, outgoing);
      }),
  },
  {
    name: 'chunkMoved',
    shownBy: 16,
    what: 'output is sent with an offset that is one too low',
    plant: (p) =>
      p.around(MessageSeal, 'seal', (real) => (agentId, outgoing) => {
        const { message } = outgoing;
        if (message.kind !== 'chunk' || message.offset === 0) return real(agentId, outgoing);
        return real(agentId, { ...outgoing, message: { ...message, offset: message.offset - 1 } });
      }),
  },
  {
    name: 'manifestNotAsked',
    shownBy: 1,
    what: 'a script is started although the manifest does not list it',
    plant: (p, world) => {
      for (const { parts } of world.nodes) {
        const { isListed } = parts.host;
        let isAsking = true;
        p.around(ScriptHost, 'start', (real) => (order) => {
          isAsking = false;
          try {
            real(order);
          } finally {
            isAsking = true;
          }
        });
        parts.host.isListed = (script) => isAsking || isListed(script);
      }
    },
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

function startAgain(leftRuns: LeftRuns): void {
  const { journal, starter } = leftRuns as unknown as {
    readonly journal: FolderJournal;
    readonly starter: { start(order: unknown): Promise<void> };
  };
  for (const { runId, script, end } of journal.open()) {
    const order = { runId, folder: journal.folderOf(runId), env: { SM_SCRIPT: script } };
    if (!end) void starter.start(order).catch(() => leftRuns.lookInto(runId));
  }
}
