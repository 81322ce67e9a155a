import type { AgentId, JournalId } from '@scriptmesh/contracts';
import { Claims } from '../../apps/orchestrator/src/features/dispatch/claims.js';
import { Overdue } from '../../apps/orchestrator/src/features/dispatch/overdue.js';
import { RunMessages } from '../../apps/orchestrator/src/features/dispatch/run-messages.js';
import { JournalEpochs } from '../../apps/orchestrator/src/features/heartbeat/journal-epochs.js';
import { FrameAgentLinks } from '../../apps/orchestrator/src/features/links/frame-agent-links.js';
import { AgentDirectory } from '../../apps/orchestrator/src/features/registry/index.js';
import { SqlRunsStore } from '../../apps/orchestrator/src/features/runs/adapters/sql-runs.store.js';
import { endRun, loseRun, unmoved, type Run } from '../../apps/orchestrator/src/features/runs/index.js';
import { decide } from './decide.js';
import { DIRECTED } from './directed-histories.js';
import type { PlantedBug } from './planting.js';
import { receivingFromAgent as receiving } from './receiving.js';
import type { World } from './world.js';

/** Mistakes in what the orchestrator decides and sends. */
export const ORCHESTRATOR_BUGS: readonly PlantedBug[] = [
  {
    name: 'notSentOnUnknown',
    caughtBy: ['I6'],
    shownBy: 18,
    what: 'an unknown verdict is taken for not-sent',
    plant: (p) =>
      p.around(FrameAgentLinks, 'send', (real) => async (agentId, messages) => {
        const verdict = await real(agentId, messages);
        return verdict === 'unknown' ? 'not-sent' : verdict;
      }),
  },
  {
    name: 'claimedAfterSend',
    caughtBy: ['I8'],
    shownBy: DIRECTED.claimedAfterSend,
    what: 'a claim is forgotten: in_doubt is not written before the send',
    plant: (p) => {
      const none = (run: Run): Run => ({ ...run, inDoubt: 0 });
      p.around(SqlRunsStore, 'update', (real) => (trx, before, after) => real(trx, before, none(after)));
      p.around(SqlRunsStore, 'insert', (real) => (trx, run) => real(trx, none(run)));
    },
  },
  {
    name: 'expiredInDoubt',
    caughtBy: ['I6'],
    shownBy: 0,
    what: 'a run past deliverBy is expired without the fence of its agent',
    plant: (p, world) =>
      p.around(Overdue, 'sweep', (real) => async () => {
        const nowMs = world.clock.nowMs();
        await decide(
          world,
          p.reach,
          (run) => run.state === 'dispatched' && run.deliverByMs < nowMs,
          (run) => endRun(unmoved(run), { state: 'expired', executed: 'no', finishedAtMs: nowMs }),
        );
        return real();
      }),
  },
  {
    name: 'cancelledInDoubt',
    caughtBy: ['I6'],
    shownBy: 18,
    what: 'a cancelled run that was sent ends without the word of its agent',
    plant: (p, world) =>
      p.around(Overdue, 'sweep', (real) => async () => {
        const finishedAtMs = world.clock.nowMs();
        await decide(
          world,
          p.reach,
          (run) => run.state === 'dispatched' && run.cancelRequested,
          (run) => endRun(unmoved(run), { state: 'cancelled', executed: 'no', finishedAtMs }),
        );
        return real();
      }),
  },
  {
    name: 'lostByInventory',
    caughtBy: ['I9'],
    shownBy: 6,
    what: 'a running run that an inventory lacks is lost',
    plant: (p, world) =>
      receiving(p, 'heartbeat', (real) => async (agent, messages) => {
        const sign = messages.at(-1)?.header;
        const inventory = sign && 'inventory' in sign ? sign.inventory : [];
        await decide(
          world,
          p.reach,
          (run) => run.agentId === agent.id && run.state === 'running' && !inventory.includes(run.id),
          (run) => loseRun(unmoved(run), world.clock.nowMs(), 'not in the inventory', 'no-record'),
        );
        return real(agent, messages);
      }),
  },
  {
    name: 'helloWithoutEpoch',
    caughtBy: ['I9'],
    shownBy: DIRECTED.helloWithoutEpoch,
    what: 'any hello with an unseen journal id replaces the current one',
    plant: (p) =>
      p.around(JournalEpochs, 'welcome', (real) => (agent, hello) => real(agent, { ...hello, epoch: agent.epoch })),
  },
  {
    name: 'offeredToNewJournal',
    caughtBy: ['I9'],
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
    name: 'silenceForgotten',
    caughtBy: ['I9'],
    shownBy: 5,
    what: 'a run is lost when its agent was silent for a minute',
    plant: (p, world) =>
      p.around(Overdue, 'sweep', (real) => async () => {
        await decide(
          world,
          p.reach,
          (run) => run.state === 'running',
          (run) => loseRun(unmoved(run), world.clock.nowMs(), 'no word for a minute', 'no-record'),
        );
        return real();
      }),
  },
  {
    name: 'busyLowersDoubt',
    caughtBy: ['I8'],
    shownBy: DIRECTED.busyLowersDoubt,
    what: 'busy lowers in_doubt',
    plant: (p, world) =>
      receiving(p, 'busy', (real) => async (agent, messages) => {
        const busy = messages.flatMap(({ header }) => (header.kind === 'busy' ? [header.runId] : []));
        if (busy.length > 0) p.reach();
        await world.get(Claims).giveBack(busy);
        return real(agent, messages);
      }),
  },
  {
    name: 'doubtNotRaised',
    caughtBy: ['I8'],
    shownBy: DIRECTED.doubtNotRaised,
    what: 'in_doubt does not go up with a repeated send',
    plant: (p) => {
      const few = (run: Run): Run => ({ ...run, inDoubt: Math.min(1, run.inDoubt) });
      p.around(SqlRunsStore, 'update', (real) => (trx, before, after) => real(trx, before, few(after)));
    },
  },
  {
    name: 'absentWithoutEcho',
    caughtBy: ['I9'],
    shownBy: 9,
    what: 'absent does not say in which state the run was asked for',
    plant: (p) =>
      receiving(
        p,
        'absent',
        (real) => (agent, messages) =>
          real(
            agent,
            messages.map(({ header, bytes }) => ({
              header: { ...header, askedWhile: 'running' } as typeof header,
              bytes,
            })),
          ),
      ),
  },
  {
    name: 'retiredAccepted',
    caughtBy: ['I1'],
    shownBy: DIRECTED.retiredAccepted,
    what: 'a retired journal id is taken again',
    plant: (p, world) =>
      p.around(JournalEpochs, 'welcome', (real) => async (agent, hello) => {
        const welcome = await real(agent, hello);
        await world.store.db.write((trx) => trx.deleteFrom('retired_journals').execute());
        return welcome;
      }),
  },
];

async function currentJournal(world: World, agentId: AgentId): Promise<JournalId | null> {
  return (await world.get(AgentDirectory).findAgent(agentId))?.journalId ?? null;
}
