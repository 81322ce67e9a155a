import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadAgentSettings } from './load-agent-settings.js';
import { loadOrchestratorSettings } from './load-orchestrator-settings.js';
import { faultsOf, TrialHome } from './test-support/trial-home.js';

describe.each([
  ['agent', loadAgentSettings],
  ['orchestrator', loadOrchestratorSettings],
])('failpoints of the %s', (_program, load) => {
  let home: TrialHome;
  beforeEach(() => {
    home = new TrialHome();
  });
  afterEach(() => home.remove());

  const SET = { SCRIPT_MESH_FAILPOINT: 'store.committed:kill' };
  const DEVELOPMENT = { SCRIPT_MESH_MODE: 'development' };

  it('are none by default', () => {
    expect(load(home.sources()).failpoints).toEqual({ points: [], log: null });
  });

  it('are refused in production, which is the default', () => {
    const fault = { name: 'SCRIPT_MESH_FAILPOINT', problem: expect.stringContaining('the mode is production') };
    expect(faultsOf(() => load(home.sources(SET)))).toMatchObject([fault]);
    home.write('.env', 'SCRIPT_MESH_FAILPOINT=store.committed:kill\n');
    expect(faultsOf(() => load(home.sources({ SCRIPT_MESH_MODE: 'production' })))).toMatchObject([fault]);
  });

  it('are taken in development, with the file that tells of them', () => {
    const { failpoints } = load(home.sources({ ...SET, ...DEVELOPMENT, SCRIPT_MESH_FAILPOINT_LOG: 'hits' }));
    expect(failpoints).toMatchObject({ points: [{ point: 'store.committed' }], log: join(home.path, 'hits') });
  });

  it('are refused with an unknown point or action', () => {
    for (const [text, problem] of [
      ['store.gone:kill', 'there is no point "store.gone"'],
      ['store.committed:explode', '"store.committed:explode" is not <point>'],
    ] as const) {
      const faults = faultsOf(() => load(home.sources({ ...DEVELOPMENT, SCRIPT_MESH_FAILPOINT: text })));
      expect(faults).toMatchObject([{ problem: expect.stringContaining(problem) }]);
    }
  });
});
