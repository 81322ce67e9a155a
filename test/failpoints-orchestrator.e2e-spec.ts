import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FailingMesh } from './support/failing-mesh.js';
import { rowsOf, type Case, type Cases, type Scenario } from './support/failpoint-scenarios.js';

describe('an orchestrator that dies', () => {
  const failing = new FailingMesh();
  beforeAll(() => failing.start());
  afterAll(() => failing.stop());

  const quick: Scenario = async (armed) => {
    await failing.arm('orchestrator', armed);
    const asked = await failing.ask('quick');
    await failing.waitForHits(armed);
    return failing.endOf(asked);
  };

  const cancel: Scenario = async (armed) => {
    await failing.arm('orchestrator', armed);
    const asked = await failing.askAndCancel();
    await failing.waitForHits(armed);
    return failing.endOf(asked);
  };

  /** The agent is away, so that the send is refused and the run waits. */
  const refuse: Scenario = async (armed) => {
    await failing.stopAgent();
    await failing.arm('orchestrator', armed);
    const asked = await failing.ask('quick');
    await failing.waitForHits(armed);
    await failing.startAgent();
    return failing.endOf(asked);
  };

  /** The run waits until the agent comes, and is claimed then. */
  const wait: Scenario = async (armed) => {
    await failing.stopAgent();
    await failing.arm('orchestrator', armed);
    const asked = await failing.ask('quick');
    await failing.startAgent();
    await failing.waitForHits(armed);
    return failing.endOf(asked);
  };

  /** A wiped spool has another journal, which the orchestrator has to take. */
  const takeJournal: Scenario = async (armed) => {
    await failing.stopAgent();
    rmSync(join(failing.mesh.agentHome, 'spool'), { recursive: true });
    await failing.arm('orchestrator', armed);
    await failing.startAgent();
    await failing.waitForHits(armed);
    await failing.waitForWelcome();
    return failing.endOf(await failing.ask('quick'));
  };

  const DONE: Case = [quick, 'succeeded'];
  const CANCELLED: Case = [cancel, 'cancelled'];
  const REFUSED: Case = [refuse, 'succeeded'];
  const WAITED: Case = [wait, 'succeeded'];
  const TAKEN: Case = [takeJournal, 'succeeded'];

  const CASES: Cases<'orchestrator'> = {
    'dispatch.before-claim': WAITED,
    'dispatch.before-send': DONE,
    'dispatch.sent': DONE,
    'dispatch.before-give-back': REFUSED,
    'dispatch.given-back': REFUSED,
    'dispatch.before-cancel': CANCELLED,
    'dispatch.cancel-sent': CANCELLED,
    'store.before-commit': DONE,
    'store.committed': DONE,
    'store.run-before-commit': DONE,
    'store.run-committed': DONE,
    'store.dispatch-before-commit': WAITED,
    'store.dispatch-committed': WAITED,
    'store.evidence-before-commit': DONE,
    'store.evidence-committed': DONE,
    'store.output-before-commit': DONE,
    'store.end-before-commit': DONE,
    'store.cancel-before-commit': CANCELLED,
    'store.cancel-committed': CANCELLED,
    'store.epoch-before-commit': TAKEN,
    'store.epoch-committed': TAKEN,
  };

  it.each(rowsOf('orchestrator', CASES))('at %s: %s', async (name, _says, scenario, end) => {
    expect(await scenario(`${name}:kill`)).toBe(end);
  });

  it.each([
    ['store.before-commit:error', ...DONE],
    ['store.committed:error', ...DONE],
    ['store.run-before-commit:error', ...DONE],
    ['store.run-committed:error', ...DONE],
    ['store.evidence-before-commit:error', ...DONE],
    ['store.evidence-committed:error', ...DONE],
    ['store.end-before-commit:error', ...DONE],
    ['store.cancel-before-commit:error', ...CANCELLED],
    ['dispatch.before-send:delay=700ms', ...DONE],
  ] as const)('goes on after %s', async (armed, scenario, end) => {
    expect(await scenario(armed)).toBe(end);
  });

  it('has left nothing over', async () => {
    expect((await failing.leftOver()).join('\n')).toBe('');
  });
});
