import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FailingMesh } from './support/failing-mesh.js';
import { rowsOf, type Case, type Cases, type Scenario } from './support/failpoint-scenarios.js';

describe('a supervisor that dies', () => {
  const failing = new FailingMesh();
  beforeAll(() => failing.start());
  afterAll(() => failing.stop());

  /** Only a supervisor that this agent starts is armed. */
  const arm = async (armed: string): Promise<void> => {
    await failing.stopAgent();
    await failing.arm('agent', armed);
  };

  const run =
    (script: string): Scenario =>
    async (armed) => {
      await arm(armed);
      const asked = await failing.ask(script);
      await failing.waitForHits(armed);
      return failing.endOf(asked, 'kill-supervisor');
    };

  const cancel: Scenario = async (armed) => {
    await arm(armed);
    const asked = await failing.askAndCancel();
    await failing.waitForHits(armed);
    return failing.endOf(asked, 'kill-supervisor');
  };

  const quick = run('quick');
  /** Lives long enough to be found by the next supervisor. */
  const chatty = run('chatty');
  const DONE: Case = [quick, 'succeeded'];
  /** No start is on record anywhere. */
  const NOT_STARTED: Case = [quick, 'lost before-start'];
  /** Nobody saw how the script ended. */
  const UNSEEN: Case = [chatty, 'lost supervisor-ended'];

  const CASES: Cases<'supervisor'> = {
    'supervisor.claimed': DONE,
    'supervisor.start-received': NOT_STARTED,
    'supervisor.before-spawn': NOT_STARTED,
    'supervisor.spawned': UNSEEN,
    'supervisor.pid-recorded': UNSEEN,
    'supervisor.before-started': UNSEEN,
    'supervisor.output-kept': UNSEEN,
    'supervisor.exit-seen': [quick, 'lost supervisor-ended'],
    'supervisor.end-written': [quick, 'lost supervisor-ended'],
    'supervisor.end-linked': DONE,
    'supervisor.end-durable': DONE,
    'supervisor.end-told': DONE,
    'supervisor.before-term': [cancel, 'lost supervisor-ended'],
    'supervisor.term-sent': [cancel, 'lost supervisor-ended'],
    'supervisor.adopted': [(armed) => chatty(`supervisor.pid-recorded:kill,${armed}`), 'lost supervisor-ended'],
  };

  it.each(rowsOf('supervisor', CASES))('at %s: %s', async (name, _says, scenario, end) => {
    expect(await scenario(`${name}:kill`)).toBe(end);
  });

  it.each([
    ['supervisor.before-spawn:error', quick, 'rejected'],
    ['supervisor.spawned:error', ...DONE],
    ['supervisor.output-kept:error', ...DONE],
    ['supervisor.end-written:error', ...DONE],
    ['supervisor.end-linked:error', ...DONE],
    ['supervisor.exit-seen:delay=500ms', ...DONE],
  ] as const)('goes on after %s', async (armed, scenario, end) => {
    expect(await scenario(armed)).toBe(end);
  });

  it('has left nothing over', async () => {
    expect((await failing.leftOver()).join('\n')).toBe('');
  });
});
