import { type AgentId, type FromAgentKind, type JournalId } from '@scriptmesh/contracts';
import { ReceiptMaker } from '@scriptmesh/crypto';
import { Overdue } from '../../apps/orchestrator/src/features/dispatch/overdue.js';
import { RunMessages } from '../../apps/orchestrator/src/features/dispatch/run-messages.js';
import { JournalEpochs } from '../../apps/orchestrator/src/features/heartbeat/journal-epochs.js';
import { FrameAgentLinks } from '../../apps/orchestrator/src/features/links/frame-agent-links.js';
import type { MessageHandler } from '../../apps/orchestrator/src/features/links/index.js';
import { AgentDirectory } from '../../apps/orchestrator/src/features/registry/index.js';
import { SqlIdempotencyStore } from '../../apps/orchestrator/src/features/runs/adapters/sql-idempotency.store.js';
import { SqlRunsStore } from '../../apps/orchestrator/src/features/runs/adapters/sql-runs.store.js';
import { endRun, loseRun, unmoved, type Run } from '../../apps/orchestrator/src/features/runs/index.js';
import { OutputIntake } from '../../apps/orchestrator/src/features/runs/output-intake.js';
import { decide } from './decide.js';
import type { PlantedBug, Planting } from './planting.js';
import type { World } from './world.js';

/** Puts something before or in place of the handlers of one kind of message. */
function receiving(planting: Planting, kind: FromAgentKind, make: (real: MessageHandler) => MessageHandler): void {
  planting.around(
    FrameAgentLinks,
    'handle',
    (real) => (kinds, handler) => real(kinds, kinds.includes(kind) ? make(handler) : handler),
  );
}

export const ORCHESTRATOR_BUGS: readonly PlantedBug[] = [
  {
    name: 'notSentOnUnknown',
    shownBy: 13,
    what: 'an unknown verdict is taken for not-sent',
    plant: (p) =>
      p.around(FrameAgentLinks, 'send', (real) => async (agentId, messages) => {
        const verdict = await real(agentId, messages);
        return verdict === 'unknown' ? 'not-sent' : verdict;
      }),
  },
  {
    name: 'claimedAfterSend',
    shownBy: 1,
    what: 'a claim is forgotten: in_doubt is not written before the send',
    plant: (p) => {
      const none = (run: Run): Run => ({ ...run, inDoubt: 0 });
      p.around(SqlRunsStore, 'update', (real) => (trx, before, after) => real(trx, before, none(after)));
      p.around(SqlRunsStore, 'insert', (real) => (trx, run) => real(trx, none(run)));
    },
  },
  {
    name: 'expiredInDoubt',
    shownBy: 11,
    what: 'a run past deliverBy is expired without the fence of its agent',
    plant: (p, world) =>
      p.around(Overdue, 'sweep', (real) => async () => {
        const nowMs = world.clock.nowMs();
        await decide(
          world,
          (run) => run.state === 'dispatched' && run.deliverByMs < nowMs,
          (run) => endRun(unmoved(run), { state: 'expired', executed: 'no', finishedAtMs: nowMs }),
        );
        return real();
      }),
  },
  {
    name: 'cancelledInDoubt',
    shownBy: 13,
    what: 'a cancelled run that was sent ends without the word of its agent',
    plant: (p, world) =>
      p.around(Overdue, 'sweep', (real) => async () => {
        const finishedAtMs = world.clock.nowMs();
        await decide(
          world,
          (run) => run.state === 'dispatched' && run.cancelRequested,
          (run) => endRun(unmoved(run), { state: 'cancelled', executed: 'no', finishedAtMs }),
        );
        return real();
      }),
  },
  {
    name: 'lostByInventory',
    shownBy: 10,
    what: 'a running run that an inventory lacks is lost',
    plant: (p, world) =>
      receiving(p, 'heartbeat', (real) => async (agent, messages) => {
        const sign = messages.at(-1)?.header;
        const inventory = sign && 'inventory' in sign ? sign.inventory : [];
        await decide(
          world,
          (run) => run.agentId === agent.id && run.state === 'running' && !inventory.includes(run.id),
          (run) => loseRun(unmoved(run), world.clock.nowMs(), 'not in the inventory', 'no-record'),
        );
        return real(agent, messages);
      }),
  },
  {
    name: 'helloWithoutEpoch',
    shownBy: 51,
    what: 'any hello with an unseen journal id replaces the current one',
    plant: (p) =>
      p.around(JournalEpochs, 'welcome', (real) => (agent, hello) => real(agent, { ...hello, epoch: agent.epoch })),
  },
  {
    name: 'offeredToNewJournal',
    shownBy: 0,
    what: 'a run is offered again to another journal than the first',
    plant: (p, world) => {
      p.around(RunMessages, 'offer', (real) => (run) => {
        const { journalId: _first, ...offer } = real(run);
        return offer as ReturnType<typeof real>;
      });
      p.around(SqlRunsStore, 'listOfferable', (real) => async (agentId, ...more) => {
        const journalId = await currentJournal(world, agentId);
        return (await real(agentId, ...more)).map((run) => ({ ...run, journalId }));
      });
      p.around(
        SqlRunsStore,
        'listLive',
        (real) => async (agentId) => (await real(agentId)).filter(({ state }) => state !== 'dispatched'),
      );
    },
  },
  {
    name: 'ownerUnchecked',
    shownBy: 8,
    what: 'a frame of another agent changes the run',
    plant: (p) => {
      let speaking: AgentId | undefined;
      for (const kind of ['lost', 'never'] as const)
        receiving(p, kind, (real) => async (agent, messages) => {
          speaking = agent.id;
          return real(agent, messages).finally(() => (speaking = undefined));
        });
      p.around(
        SqlRunsStore,
        'findForChange',
        (real) => async (trx, ids) =>
          (await real(trx, ids)).map((run) => ({ ...run, agentId: speaking ?? run.agentId })),
      );
    },
  },
  {
    name: 'adoptWithoutReceipt',
    shownBy: 3,
    what: 'a run that is not known is adopted on the word of any agent',
    plant: (p) => p.around(ReceiptMaker, 'isReceipt', () => () => true),
  },
  {
    name: 'exitZeroIsSuccess',
    shownBy: 13,
    what: 'exit 0 is succeeded although the run was killed',
    plant: (p) =>
      p.around(
        OutputIntake,
        'takeResult',
        (real) => (work, run, header, bytes) =>
          real(work, run, header.code === 0 ? { ...header, killedBy: null } : header, bytes),
      ),
  },
  {
    name: 'chunkWithoutOffset',
    shownBy: 7,
    what: 'chunks are appended without looking at the offset',
    plant: (p) =>
      p.around(
        OutputIntake,
        'takeChunk',
        (real) => (trx, run, header, bytes) => real(trx, run, { ...header, offset: run.acked[header.stream] }, bytes),
      ),
  },
  {
    name: 'wrongBytesKept',
    shownBy: 16,
    what: 'the part of a chunk that is stored already is stored again',
    plant: (p) =>
      p.around(
        SqlRunsStore,
        'appendOutput',
        (real) => (trx, id, stream, offset, bytes) =>
          real(trx, id, stream, offset, offset > 0 ? Buffer.concat([bytes.subarray(0, 1), bytes]) : bytes),
      ),
  },
  {
    name: 'resultBeforeOutput',
    shownBy: 0,
    what: 'a result is the end before all bytes are there',
    plant: (p) =>
      p.around(
        OutputIntake,
        'takeResult',
        (real) => (work, run, header, bytes) => real(work, run, { ...header, truncated: true }, bytes),
      ),
  },
  {
    name: 'keyNotClaimed',
    shownBy: 0,
    what: 'the same idempotency key makes a run each time',
    plant: (p) => {
      p.around(SqlIdempotencyStore, 'find', () => () => Promise.resolve(undefined));
      p.around(SqlIdempotencyStore, 'claim', () => () => Promise.resolve(undefined));
    },
  },
  {
    name: 'restoredOffersAgain',
    shownBy: 0,
    what: 'runs that were live in the backup are offered again',
    plant: (p) =>
      p.around(
        SqlRunsStore,
        'update',
        (real) => (trx, before, after) =>
          real(trx, before, before.restored || !after.restored ? after : { ...before, rev: after.rev }),
      ),
  },
  {
    name: 'silenceForgotten',
    shownBy: 3,
    what: 'a run is lost when its agent was silent for a minute',
    plant: (p, world) =>
      p.around(Overdue, 'sweep', (real) => async () => {
        await decide(
          world,
          (run) => run.state === 'running',
          (run) => loseRun(unmoved(run), world.clock.nowMs(), 'no word for a minute', 'no-record'),
        );
        return real();
      }),
  },
];

async function currentJournal(world: World, agentId: AgentId): Promise<JournalId | null> {
  return (await world.get(AgentDirectory).findAgent(agentId))?.journalId ?? null;
}
