import { MeshError } from '@scriptmesh/contracts';
import { SystemClock } from '@scriptmesh/runtime';
import { describe, expect, it } from 'vitest';
import { examineAccess } from './examine-access.js';

const NOWHERE = 'http://127.0.0.1:1';
const examine = (apiKey: string | null, url = NOWHERE) =>
  examineAccess({ load: () => ({ orchestratorUrl: url, apiKey }) as never, clock: new SystemClock() });

describe('the doctor of the command line', () => {
  it('names a missing key and a default one', async () => {
    expect((await examine(null))[0]).toMatchObject({ state: 'problem', todo: expect.stringContaining('login') });
    expect((await examine('change_me'))[0]).toMatchObject({
      state: 'problem',
      says: expect.stringContaining('default'),
    });
  });

  it('names settings that are wrong, each with what to do', async () => {
    const fault = new MeshError('settings/invalid', 'settings are wrong', {
      faults: [{ path: 'SCRIPT_MESH_API_KEY_FILE', message: 'can be read by others. chmod 600' }],
    });
    const load = () => {
      throw fault;
    };
    expect(await examineAccess({ load, clock: new SystemClock() })).toMatchObject([
      { check: 'settings', state: 'problem', says: expect.stringContaining('SCRIPT_MESH_API_KEY_FILE') },
    ]);
  });

  it('does not try streams of an orchestrator that cannot be reached', async () => {
    expect((await examine('a-key-of-an-operator')).map(({ check }) => check)).toEqual(['settings', 'orchestrator']);
  });
});
