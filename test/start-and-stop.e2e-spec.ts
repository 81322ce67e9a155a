import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Program, ROOT, startProgram } from './support/program.js';

const GOOD_KEY = 'k'.repeat(43);

describe('start and stop of the programs', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'scriptmesh-start-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const start = (env: Record<string, string>) => startProgram('orchestrator', home, { SCRIPT_MESH_PORT: '0', ...env });

  it('makes its keys at the first start, readable by nobody else', async () => {
    const orchestrator = start({});
    await orchestrator.ready();
    const { statSync } = await import('node:fs');
    for (const file of ['cfg/main.key', 'cfg/fernet.key']) expect(statSync(join(home, file)).mode & 0o777).toBe(0o600);
    expect(await orchestrator.stop()).toBe(0);
    expect(orchestrator.output.stdout.trim().split('\n')).toHaveLength(1);
  });

  it.each([
    ['the default key', { SCRIPT_MESH_MAIN_KEY: 'CHANGEME' }],
    ['an empty key', { SCRIPT_MESH_MAIN_KEY: '' }],
    ['a short key', { SCRIPT_MESH_MAIN_KEY: 'short' }],
    [
      'the default key beyond loopback',
      { SCRIPT_MESH_MAIN_KEY: 'CHANGEME', SCRIPT_MESH_MODE: 'development', SCRIPT_MESH_HOST: '0.0.0.0' },
    ],
  ])('refuses to start with %s and says how to make a key', async (_what, env) => {
    const orchestrator = start(env);
    expect((await orchestrator.ended).code).toBe(78);
    expect(orchestrator.output.stderr).toContain('SCRIPT_MESH_MAIN_KEY');
    expect(orchestrator.output.stdout).toBe('');
  });

  it('starts with the default key in development mode on loopback', async () => {
    const orchestrator = start({ SCRIPT_MESH_MAIN_KEY: 'CHANGEME', SCRIPT_MESH_MODE: 'development' });
    await orchestrator.ready();
    expect(await orchestrator.stop()).toBe(0);
  });

  it('names every wrong setting at once', async () => {
    const orchestrator = start({
      SCRIPT_MESH_PORT: 'eighty',
      SCRIPT_MESH_MODE: 'test',
      SCRIPT_MESH_HEARTBEAT_INTERVAL_SECONDS: '-1',
    });
    expect((await orchestrator.ended).code).toBe(78);
    for (const name of ['SCRIPT_MESH_PORT', 'SCRIPT_MESH_MODE', 'SCRIPT_MESH_HEARTBEAT_INTERVAL_SECONDS']) {
      expect(orchestrator.output.stderr).toContain(name);
    }
  });

  it('refuses a second orchestrator on the same database and names the way to several', async () => {
    const first = start({});
    await first.ready();
    const second = start({});
    expect((await second.ended).code).not.toBe(0);
    expect(second.output.stderr).toContain('PostgreSQL');
    expect(await first.stop()).toBe(0);
  });

  it('gives the database free when it was killed', async () => {
    const first = start({});
    await first.ready();
    await first.stop('SIGKILL');
    const second = start({});
    await second.ready();
    expect(await second.stop()).toBe(0);
  });

  it('refuses another Fernet key, naming both fingerprints, and touches nothing', async () => {
    const first = start({});
    await first.ready();
    await first.stop();
    const right = readFileSync(join(home, 'cfg/fernet.key'), 'utf8');
    writeFileSync(
      join(home, 'cfg/fernet.key'),
      `${Buffer.alloc(32, 7).toString('base64').replaceAll('+', '-').replaceAll('/', '_')}\n`,
    );
    const second = start({});
    expect((await second.ended).code).not.toBe(0);
    expect(second.output.stderr).toMatch(/fingerprint/i);
    rmSync(join(home, 'cfg/fernet.key'));
    const third = start({});
    expect((await third.ended).code).not.toBe(0);
    expect(third.output.stderr).toContain('docs/fernet-key.md');
    writeFileSync(join(home, 'cfg/fernet.key'), right, { mode: 0o600 });
    chmodSync(join(home, 'cfg/fernet.key'), 0o600);
    const fourth = start({});
    await fourth.ready();
    expect(await fourth.stop()).toBe(0);
  });

  describe('when a port is taken', () => {
    let holder: Server;
    let port: string;
    beforeEach(async () => {
      holder = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => holder.once('listening', resolve));
      port = String((holder.address() as AddressInfo).port);
    });
    afterEach(() => new Promise((resolve) => holder.close(resolve)));

    it('names the port and the setting: orchestrator', async () => {
      const orchestrator = start({ SCRIPT_MESH_PORT: port });
      expect((await orchestrator.ended).code).not.toBe(0);
      expect(orchestrator.output.stderr).toContain(port);
      expect(orchestrator.output.stderr).toContain('SCRIPT_MESH_PORT');
    });

    it('names the port and the setting: agent', async () => {
      const agent = startProgram('agent', home, { SCRIPT_MESH_AGENT_PORT: port, SCRIPT_MESH_MAIN_KEY: GOOD_KEY });
      expect((await agent.ended).code).not.toBe(0);
      expect(agent.output.stderr).toContain(port);
      expect(agent.output.stderr).toContain('SCRIPT_MESH_AGENT_PORT');
    });
  });

  it('an agent makes its manifest and a script, serves before it is registered, and stops on TERM', async () => {
    const agent = startProgram('agent', home, {
      SCRIPT_MESH_AGENT_PORT: '0',
      ORCHESTRATOR_URL: 'http://127.0.0.1:9',
      SCRIPT_MESH_MAIN_KEY: GOOD_KEY,
    });
    const url = await agent.ready();
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect((await fetch(`${url}/anything`)).status).toBe(401);
    expect(await (await fetch(`${url}/anything`)).text()).toBe('{"detail":"Unauthorized: Invalid or missing API key"}');
    const manifest = JSON.parse(readFileSync(join(home, 'cfg/script_manifest.json'), 'utf8')) as {
      scripts: { name: string }[];
    };
    expect(manifest.scripts.map((script) => script.name)).toEqual(['hello_world']);
    expect(await agent.stop()).toBe(0);
  });
});

describe('npm run demo', () => {
  const demo = (env: Record<string, string>, ...args: string[]) =>
    new Program([join(ROOT, 'tools/demo.mjs'), ...args], env, ROOT);

  it('--once shows the output of the script and ends with its exit code', async () => {
    const once = demo({ SCRIPT_MESH_PORT: '0', SCRIPT_MESH_AGENT_PORT: '0' }, '--once');
    expect((await once.ended).code).toBe(0);
    expect(once.output.stdout).toMatch(/hello/i);
    expect(once.output.stdout).toContain('exit code 0');
  });

  it('stays up, says where Swagger UI is and how to authorise, and Ctrl-C stops all of it', async () => {
    const staying = demo({ SCRIPT_MESH_PORT: '0', SCRIPT_MESH_AGENT_PORT: '0' });
    const { until } = await import('./support/program.js');
    await until('the last words of the demo', () => staying.output.stdout.includes('Ctrl-C stops all of it'));
    const url = /Swagger UI: +(\S+)\/docs/.exec(staying.output.stdout)?.[1] as string;
    expect((await fetch(`${url}/docs`)).status).toBe(200);
    expect(await staying.stop('SIGINT')).toBe(0);
    await expect(fetch(`${url}/livez`)).rejects.toThrow();
  });

  it('names port and setting when the port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const port = String((holder.address() as AddressInfo).port);
    mkdirSync(join(ROOT, '.demo'), { recursive: true });
    const blocked = demo({ SCRIPT_MESH_PORT: port, SCRIPT_MESH_AGENT_PORT: '0' }, '--once');
    expect((await blocked.ended).code).not.toBe(0);
    expect(blocked.output.stderr).toContain(port);
    expect(blocked.output.stderr).toContain('SCRIPT_MESH_PORT');
    await new Promise((resolve) => holder.close(resolve));
  });
});
