import { isFinalState, type AgentId, type RunId } from '@scriptmesh/contracts';
import { ReceiptMaker } from '@scriptmesh/crypto';
import { sql } from 'kysely';
import { RestoredRuns } from '../../apps/orchestrator/src/features/restore/restored-runs.js';
import { SqlIdempotencyStore } from '../../apps/orchestrator/src/features/runs/adapters/sql-idempotency.store.js';
import { SqlRunsStore } from '../../apps/orchestrator/src/features/runs/adapters/sql-runs.store.js';
import type { Run } from '../../apps/orchestrator/src/features/runs/index.js';
import { OutputIntake } from '../../apps/orchestrator/src/features/runs/output-intake.js';
import { DIRECTED } from './directed-histories.js';
import type { PlantedBug } from './planting.js';
import { receivingFromAgent as receiving } from './receiving.js';

/** Mistakes in what the orchestrator keeps of runs and their output. */
export const STORE_BUGS: readonly PlantedBug[] = [
  {
    name: 'adoptWithoutReceipt',
    caughtBy: ['I11'],
    shownBy: 1,
    what: 'a run that is not known is adopted on the word of any agent',
    plant: (p) => p.around(ReceiptMaker, 'isReceipt', () => () => true),
  },
  {
    name: 'exitZeroIsSuccess',
    caughtBy: ['I6'],
    shownBy: 8,
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
    caughtBy: ['I5'],
    shownBy: 1,
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
    caughtBy: ['I5'],
    shownBy: 8,
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
    caughtBy: ['I5'],
    shownBy: 3,
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
    caughtBy: ['I7'],
    shownBy: 1,
    what: 'the same idempotency key makes a run each time',
    plant: (p) => {
      p.around(SqlIdempotencyStore, 'find', () => () => Promise.resolve(undefined));
      p.around(SqlIdempotencyStore, 'claim', () => () => Promise.resolve(undefined));
    },
  },
  {
    name: 'restoredOffersAgain',
    caughtBy: ['I1'],
    shownBy: DIRECTED.restoreUnmarked,
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
    name: 'ownerUnchecked',
    caughtBy: ['I9'],
    shownBy: DIRECTED.ownerUnchecked,
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
    name: 'overwriteFinal',
    caughtBy: ['I2'],
    shownBy: DIRECTED.overwriteFinal,
    what: 'later evidence overwrites a final row',
    plant: (p) => {
      const ends = new Map<RunId, Run>();
      p.around(SqlRunsStore, 'findForChange', (real) => async (trx, ids) => {
        await sql.raw('drop trigger if exists runs_refused_update').execute(trx);
        return (await real(trx, ids)).map((run) => {
          if (!isFinalState(run.state)) return run;
          ends.set(run.id, run);
          return { ...run, state: 'running' as const, executed: null };
        });
      });
      p.around(SqlRunsStore, 'update', (real) => (trx, before, after) => {
        const end = ends.get(before.id);
        return real(trx, end ? { ...end, rev: before.rev } : before, after);
      });
    },
  },
  {
    name: 'restoreUnmarked',
    caughtBy: ['I1'],
    shownBy: DIRECTED.restoreUnmarked,
    what: 'a restored store goes on as if nothing had happened',
    plant: (p) => p.around(RestoredRuns, 'mark', () => () => Promise.resolve({ marked: 0, fromQueue: 0 })),
  },
];
