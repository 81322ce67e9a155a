/** Agents of a 0.2 installation taken over by the real CLI, into a home of its own and in place. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fernet, makeFernetKey } from '@scriptmesh/crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, startProgram, type Program } from './support/program.js';

const MAIN_KEY = 'main-key-of-the-new-orchestrator-0123456789';

describe('scriptmesh orchestrator import-v02', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scriptmesh-import-'));
  const old = join(folder, 'old');
  const home = join(folder, 'new');
  const fernetKey = makeFernetKey();
  const env = { SCRIPT_MESH_HOME: home, SCRIPT_MESH_MAIN_KEY: MAIN_KEY, SCRIPT_MESH_PORT: '0' };

  const entry = (url: string, key: string, by = new Fernet(fernetKey)) => ({
    url,
    last_seen: '2025-01-01T00:00:00.000000',
    api_key: by.encrypt(Buffer.from(by.encrypt(Buffer.from(key), 1)), 1),
  });
  const importOld = (more: Record<string, string> = {}) =>
    runCli(['orchestrator', 'import-v02', old], { ...env, ...more });
  const listAgents = async (program: Program): Promise<string> => {
    const url = await program.ready();
    return (await fetch(`${url}/get-agents`, { headers: { 'x-api-key': MAIN_KEY } })).text();
  };

  beforeAll(() => {
    mkdirSync(join(old, 'cfg'), { recursive: true });
    mkdirSync(home);
    writeFileSync(join(old, 'cfg/fernet.key'), fernetKey);
    // As 0.2 leaves it.
    chmodSync(join(old, 'cfg/fernet.key'), 0o644);
    const registry = {
      ALPHA_ScriptMesh_Agent: entry('http://10.0.0.1:5001', 'alpha-key'),
      '../evil': entry('http://10.0.0.2:5001', 'evil-key'),
      STRANGE: entry('http://10.0.0.3:5001', 'strange-key', new Fernet(makeFernetKey())),
      BETA_ScriptMesh_Agent: entry('http://10.0.0.4:5001', 'beta-key'),
    };
    writeFileSync(join(old, 'cfg/agent_registry.json'), JSON.stringify(registry));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('takes what it can, says what it does not, and shows no key', async () => {
    const { code, stdout, stderr } = await importOld();
    expect(stdout.split('\n')).toEqual([
      'taken      ALPHA_ScriptMesh_Agent',
      'taken      BETA_ScriptMesh_Agent',
      expect.stringMatching(/^not taken {2}"\.\.\/evil": the name of the agent is not allowed: /),
      'not taken  "STRANGE": its api_key was not made with this cfg/fernet.key',
      '2 taken, 0 kept, 2 not taken',
      expect.stringMatching(/^Not imported: /),
      '',
    ]);
    expect(code).toBe(1);
    expect(stdout + stderr).not.toContain('alpha-key');
  });

  it('can be run again, and changes nothing then', async () => {
    const { stdout } = await importOld();
    expect(stdout).toContain('kept       ALPHA_ScriptMesh_Agent: registered here already');
    expect(stdout).toContain('0 taken, 2 kept, 2 not taken');
    const orchestrator = startProgram('orchestrator', home, env);
    expect(await listAgents(orchestrator)).toMatch(
      /^\{"ALPHA_ScriptMesh_Agent":\{"url":"http:\/\/10\.0\.0\.1:5001",.*"BETA_ScriptMesh_Agent":\{"url":"http:\/\/10\.0\.0\.4:5001"/,
    );
    const { code, stderr } = await importOld();
    expect([code, stderr]).toEqual([78, expect.stringContaining('store/locked')]);
    await orchestrator.stop();
  });

  it('can be done in place, with the key that 0.2 has left', async () => {
    chmodSync(join(old, 'cfg/fernet.key'), 0o600);
    const inPlace = { SCRIPT_MESH_HOME: old };
    expect((await importOld(inPlace)).stdout).toContain('2 taken, 0 kept, 2 not taken');
    const orchestrator = startProgram('orchestrator', old, { ...env, ...inPlace });
    expect(await listAgents(orchestrator)).toContain('BETA_ScriptMesh_Agent');
    await orchestrator.stop();
    expect(readFileSync(join(old, 'cfg/fernet.key'), 'utf8')).toBe(fernetKey);
  });

  it('says what is wrong with a folder that is none of 0.2', async () => {
    const { code, stderr } = await runCli(['orchestrator', 'import-v02', home], env);
    expect([code, stderr]).toEqual([78, expect.stringContaining('cannot be read')]);
    expect(stderr).toContain('the folder in which ScriptMesh 0.2 was started');
    expect((await runCli(['orchestrator', 'import-v02'], env)).code).toBe(2);
  });
});
