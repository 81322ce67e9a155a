import type { RunId } from '@scriptmesh/contracts';
import { LeftRuns } from '../../apps/agent/src/features/execution/restart/left-runs.js';
import { FolderJournal } from '../../apps/agent/src/features/journal/adapters/folder-journal.js';
import { MessageSeal } from '../../apps/agent/src/features/link/message-seal.js';
import { say, WelcomeGate } from '../../apps/agent/src/features/link/index.js';
import { DIRECTED } from './directed-histories.js';
import type { PlantedBug } from './planting.js';
import { receivingFromOrchestrator as receiving, type Handler } from './receiving.js';
import { ScriptHost } from './script-host.js';

const asMine =
  <K extends 'offer' | 'cancel' | 'ask'>() =>
  (real: Handler<K>, journal: FolderJournal): Handler<K> =>
  (header) =>
    real({ ...header, journalId: journal.journalId });

/** Mistakes in how the agent answers and starts. */
export const AGENT_BUGS: readonly PlantedBug[] = [
  {
    name: 'noDedup',
    caughtBy: ['I1'],
    shownBy: 3,
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
    caughtBy: ['I1'],
    shownBy: 9,
    what: 'a restarted agent starts its unfinished intents again',
    plant: (p) => p.around(LeftRuns, 'lookIntoAll', (_real, self) => () => startAgain(self())),
  },
  {
    name: 'offerWithoutJournal',
    caughtBy: ['I1'],
    shownBy: 32,
    what: 'the agent does not compare the journal id of an offer',
    plant: (p) => receiving(p, 'offer', asMine()),
  },
  {
    name: 'countNotCompared',
    caughtBy: ['I5'],
    shownBy: 23,
    what: 'an agent goes on with a spool that is older than what it told of',
    plant: (p) =>
      receiving(p, 'welcome', (real) => (header) => real({ ...header, countSeen: Math.min(0, header.countSeen) })),
  },
  {
    name: 'retiredIgnored',
    caughtBy: ['I9'],
    shownBy: DIRECTED.retiredIgnored,
    what: 'an agent goes on with a journal that was retired',
    plant: (p) => receiving(p, 'journal/retired', () => () => Promise.resolve([])),
  },
  {
    name: 'expiryKills',
    caughtBy: ['I6'],
    shownBy: 4,
    what: 'why: expired kills a run that runs',
    plant: (p) => receiving(p, 'cancel', (real) => (header) => real({ ...header, why: 'cancelled' })),
  },
  {
    name: 'neverWhileRunning',
    caughtBy: ['I6'],
    shownBy: 4,
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
    caughtBy: ['I9'],
    shownBy: 5,
    what: 'an ask about a run whose script runs is answered with absent',
    plant: (p) =>
      receiving(p, 'ask', (real, journal) => (header) => {
        const { runId, receipt, askedWhile } = header;
        if (journal.find(runId)?.kind !== 'intent') return real(header);
        return Promise.resolve(say({ kind: 'absent', runId, receipt, askedWhile }));
      }),
  },
  {
    name: 'chunkMoved',
    caughtBy: ['I5'],
    shownBy: 8,
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
    caughtBy: ['I16'],
    shownBy: 0,
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
        parts.host.isListed = (script) => {
          if (isAsking && !isListed(script)) p.reach();
          return isAsking || isListed(script);
        };
      }
    },
  },
  {
    name: 'resendStart',
    caughtBy: ['I1'],
    shownBy: 8,
    what: 'a start whose answer did not come is sent again',
    plant: (p) =>
      p.around(LeftRuns, 'lookInto', (_real, self) => (runId) => startAgain(self(), (open) => open === runId)),
  },
  {
    name: 'cancelWithoutJournal',
    caughtBy: [],
    shownBy: 0,
    what: 'the agent does not compare the journal id of a cancel',
    plant: (p) => receiving(p, 'cancel', asMine()),
  },
  {
    name: 'noWelcome',
    caughtBy: ['I1'],
    shownBy: DIRECTED.noWelcome,
    what: 'an agent answers offers before its hello was answered',
    plant: (p) => p.getter(WelcomeGate, 'isOpen', () => true),
  },
  {
    name: 'cancelIgnoresFloor',
    caughtBy: ['I6'],
    shownBy: DIRECTED.cancelIgnoresFloor,
    what: 'a cancel below the floor fences without saying that it cannot know',
    plant: (p) =>
      p.around(MessageSeal, 'seal', (real) => (agentId, outgoing) => {
        const { message } = outgoing;
        if (message.kind !== 'never') return real(agentId, outgoing);
        return real(agentId, { ...outgoing, message: { ...message, belowFloor: false } });
      }),
  },
  {
    name: 'staleBeforeRecord',
    caughtBy: ['I6'],
    shownBy: DIRECTED.staleBeforeRecord,
    what: 'floor and deliverBy are looked at before the record',
    plant: (p, world) =>
      receiving(p, 'offer', (real, journal) => (header) => {
        const { runId, receipt } = header;
        const belowFloor = journal.floor !== null && runId <= journal.floor;
        if (world.clock.nowMs() <= header.deliverBy && !belowFloor) return real(header);
        const why = 'it comes too late';
        return Promise.resolve(say({ kind: 'refused', runId, receipt, code: 'run/stale', why, belowFloor }));
      }),
  },
];

function startAgain(leftRuns: LeftRuns, isWanted: (runId: RunId) => boolean = () => true): void {
  const { journal, starter } = leftRuns as unknown as {
    readonly journal: FolderJournal;
    readonly starter: { start(order: unknown): Promise<void> };
  };
  for (const { runId, script, end } of journal.open()) {
    const order = { runId, folder: journal.folderOf(runId), env: { SM_SCRIPT: script } };
    if (!end && isWanted(runId)) void starter.start(order).catch(() => undefined);
  }
}
