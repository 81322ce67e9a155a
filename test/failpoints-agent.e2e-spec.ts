import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FailingMesh } from './support/failing-mesh.js';
import { rowsOf, type Case, type Cases, type Scenario } from './support/failpoint-scenarios.js';

describe('an agent that dies', () => {
  const failing = new FailingMesh();
  beforeAll(() => failing.start());
  afterAll(() => failing.stop());

  const quick: Scenario = async (armed) => {
    await failing.arm('agent', armed);
    const asked = await failing.ask('quick');
    await failing.waitForHits(armed);
    return failing.endOf(asked, 'kill-agent');
  };

  const cancel: Scenario = async (armed) => {
    await failing.arm('agent', armed);
    const asked = await failing.askAndCancel();
    await failing.waitForHits(armed);
    return failing.endOf(asked, 'kill-agent');
  };

  /** A script that is not there any more is fenced. */
  const fence: Scenario = async (armed) => {
    await failing.arm('agent', armed);
    const file = join(failing.mesh.agentHome, 'scripts/failing.sh');
    const text = readFileSync(file);
    rmSync(file);
    try {
      const asked = await failing.ask('failing');
      await failing.waitForHits(armed);
      // A refusal needs an excuse, and this is one that the checker knows.
      return await failing.endOf(asked, 'kill-supervisor');
    } finally {
      writeFileSync(file, text);
      chmodSync(file, 0o755);
    }
  };

  /** An agent that died with the intent written ends the run as lost at its next start. */
  const loseAtStart: Scenario = (armed) => quick(`journal.intent-durable:kill,${armed}`);

  const prune: Scenario = async (armed) => {
    // Pruning would take away what others have left over.
    expect((await failing.leftOver()).join('\n')).toBe('');
    await failing.arm('agent', armed, { SCRIPT_MESH_KEPT_RECORDS: '1' });
    const asked = [await failing.ask('quick'), await failing.ask('quick')] as const;
    await failing.waitForHits(armed);
    await failing.endOf(asked[0], 'kill-agent');
    return failing.endOf(asked[1], 'kill-agent');
  };

  /** The spool lacks a record that the orchestrator was told of, as a restored snapshot does. */
  const forget: Scenario = async (armed) => {
    await failing.arm('agent', armed);
    const forgotten = await failing.ask('quick');
    await failing.endOf(forgotten);
    await failing.stopAgent();
    failing.forgetInSpool(forgotten);
    await failing.arm('agent', armed);
    await failing.waitForHits(armed);
    await failing.waitForWelcome();
    expect(await failing.endOf(forgotten)).toBe('succeeded');
    return failing.endOf(await failing.ask('quick'));
  };

  const DONE: Case = [quick, 'succeeded'];
  /** Only the journal tells of it. */
  const NOT_STARTED: Case = [quick, 'lost before-start'];
  const FENCED: Case = [fence, 'rejected'];
  const LOST_AT_START: Case = [loseAtStart, 'lost before-start'];
  const PRUNED: Case = [prune, 'succeeded'];
  const FORGOTTEN: Case = [forget, 'succeeded'];

  const CASES: Cases<'agent'> = {
    'journal.reserve-kept': DONE,
    'journal.intent-written': DONE,
    'journal.intent-linked': NOT_STARTED,
    'journal.intent-durable': NOT_STARTED,
    'journal.fence-written': FENCED,
    'journal.fence-linked': FENCED,
    'journal.fence-durable': FENCED,
    'journal.end-written': LOST_AT_START,
    'journal.end-linked': LOST_AT_START,
    'journal.end-durable': LOST_AT_START,
    'journal.done-written': DONE,
    'journal.done-linked': DONE,
    'journal.done-durable': DONE,
    'journal.emptied': DONE,
    'journal.floor-durable': PRUNED,
    'journal.pruned': PRUNED,
    'journal.new-id-minted': FORGOTTEN,
    'journal.new-id-durable': FORGOTTEN,
    'execution.before-hand-over': NOT_STARTED,
    'execution.handed-over': DONE,
    'execution.before-kill': [cancel, 'cancelled'],
    'execution.end-heard': DONE,
    'reporting.before-send': DONE,
    'reporting.answered': DONE,
    'reporting.output-acknowledged': DONE,
    'reporting.result-acknowledged': DONE,
    'reporting.settled': DONE,
    'enrolment.registered': DONE,
    'enrolment.before-hello': DONE,
    'enrolment.welcomed': DONE,
  };

  it.each(rowsOf('agent', CASES))('at %s: %s', async (name, _says, scenario, end) => {
    expect(await scenario(`${name}:kill`)).toBe(end);
  });

  it.each([
    ['journal.reserve-kept:error', ...DONE],
    ['journal.intent-linked:error', ...DONE],
    ['journal.intent-durable:error', ...DONE],
    ['journal.fence-linked:error', ...FENCED],
    ['journal.done-linked:error', ...DONE],
    ['journal.floor-durable:error', ...PRUNED],
    ['execution.handed-over:delay=1500ms', ...DONE],
  ] as const)('goes on after %s', async (armed, scenario, end) => {
    expect(await scenario(armed)).toBe(end);
  });

  it('has left nothing over', async () => {
    expect((await failing.leftOver()).join('\n')).toBe('');
  });
});
