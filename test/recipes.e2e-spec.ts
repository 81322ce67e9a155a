import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_NAME, Mesh } from './support/mesh.js';
import { ROOT, until } from './support/program.js';
import { blocksOf, installCommand, runBlock } from './support/recipe.js';
import { endSupervisor } from './support/supervisor.js';

const NIGHTLY = {
  file: 'nightly_backup.sh',
  text: '#!/bin/sh\necho "$SM_RUN_ID" >> "$(dirname "$0")/../nightly_backup.starts"\necho copied\n',
};

/** Each document's blocks are pasted into a shell, one after the other, as they stand. */
describe('the recipes', () => {
  const mesh = new Mesh();
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    await mesh.start([NIGHTLY]);
    env = {
      HOME: mesh.folder,
      COMMANDS: installCommand(join(mesh.folder, 'bin')),
      ORCHESTRATOR_URL: mesh.url,
      SCRIPT_MESH_API_KEY_FILE: join(mesh.orchestratorHome, 'cfg/main.key'),
      AGENT: AGENT_NAME,
    };
  });
  afterAll(() => mesh.stop());

  it('docs/cron.md', async () => {
    const [line, detached, curl, ...more] = blocksOf('docs/cron.md');
    expect(more).toEqual([]);
    expect(await runBlock(line ?? '', env)).toMatchObject({ code: 0, said: expect.stringContaining('copied') });
    expect(await runBlock(line ?? '', env)).toMatchObject({ code: 0, said: expect.stringContaining('copied') });
    expect(mesh.startsOf('nightly_backup')).toBe(1);
    expect(await runBlock(detached ?? '', env)).toMatchObject({ code: 0, said: expect.stringMatching(/copied\n$/) });
    const answer = await runBlock(curl ?? '', env);
    expect(JSON.parse(answer.said)).toMatchObject({ state: 'succeeded', stdout: 'copied\n' });
    expect(mesh.startsOf('nightly_backup')).toBe(3);
  });

  it('README.md: the first remote run', async () => {
    const [agent, run, ...more] = blocksOf('README.md').map((block) => block.replace('http://centre:8000', mesh.url));
    expect(more).toEqual([]);
    const cwd = join(mesh.folder, 'node-1');
    mkdirSync(cwd);
    copyFileSync(join(ROOT, 'dist/agent.mjs'), join(cwd, 'agent.mjs'));
    copyFileSync(join(mesh.orchestratorHome, 'cfg/main.key'), join(cwd, 'main.key'));
    chmodSync(join(cwd, 'main.key'), 0o600);
    const stop = new AbortController();
    const plain = { HOME: mesh.folder, COMMANDS: env['COMMANDS'] as string };
    const running = runBlock(agent ?? '', plain, { cwd, signal: stop.signal }).catch(() => undefined);
    await until('node-1', async () => (await mesh.call('GET', '/api/v1/agents/node-1/scripts')).status === 200);
    await until('its script', async () =>
      (await (await mesh.call('GET', '/api/v1/agents/node-1/scripts')).text()).includes('hello_world'),
    );
    const said = await runBlock(run ?? '', plain, { cwd });
    stop.abort();
    await running;
    await endSupervisor(cwd);
    expect(said).toMatchObject({ code: 0, said: expect.stringContaining('Hello') });
  });

  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
  it.skipIf(!hasSystemd)('docs/systemd.md', async () => {
    const [look, exposure, ...more] = blocksOf('docs/systemd.md');
    expect(more).toEqual([]);
    const dry = await runBlock(look ?? '', env);
    expect(dry.code).toBe(0);
    expect(dry.said).toContain('would write /etc/systemd/system/scriptmesh-agent.service');
    const said = await runBlock(exposure ?? '', env);
    expect(
      said.said.match(/Overall exposure level for \S+ [01]\.\d|Overall exposure level for \S+ 2\.0/g),
    ).toHaveLength(2);
  });

  it('docs/backup.md', async () => {
    const [backup, key, restore, ...more] = blocksOf('docs/backup.md');
    expect(more).toEqual([]);
    const place = { BACKUPS: join(mesh.folder, 'backups'), SAFE: join(mesh.folder, 'safe') };
    const here = { ...env, ...place, SCRIPT_MESH_HOME: mesh.orchestratorHome };
    mkdirSync(place.SAFE);
    expect(await runBlock(backup ?? '', here)).toMatchObject({ code: 0 });
    expect(readdirSync(place.BACKUPS)).toEqual([expect.stringMatching(/^scriptmesh-\d{4}-\d\d-\d\d\.sqlite$/)]);
    expect(await runBlock(key ?? '', here)).toMatchObject({ code: 0 });
    await mesh.orchestrator.stop();
    rmSync(join(mesh.orchestratorHome, 'cfg/fernet.key'));
    expect((await runBlock(restore ?? '', here)).said).toContain('crypto/wrong-fernet-key');
    expect(await runBlock('install -m 600 "$SAFE/fernet.key" "$SCRIPT_MESH_HOME/cfg/fernet.key"', here)).toMatchObject({
      code: 0,
    });
    const restored = await runBlock(restore ?? '', here);
    expect(restored, restored.said).toMatchObject({ code: 0, said: expect.stringContaining('restored  ') });
    await mesh.startOrchestrator();
    const run = await mesh.askForRun('nightly_backup', {}, { prefer: 'wait=30' });
    expect(run).toMatchObject({ state: 'succeeded' });
  });
});
