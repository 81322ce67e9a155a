import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { makeFernetKey } from '@scriptmesh/crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mesh } from './support/mesh.js';
import { runCli } from './support/program.js';

interface Told {
  readonly isHealthy: boolean;
  readonly findings: readonly { readonly check: string; readonly state: string; readonly says: string }[];
}

describe('the doctor, with real programs', () => {
  const mesh = new Mesh();
  beforeAll(() => mesh.start([{ file: 'quick.sh', text: '#!/bin/sh\necho done\n' }]));
  afterAll(() => mesh.stop());

  const statesOf = ({ findings }: Told) => Object.fromEntries(findings.map(({ check, state }) => [check, state]));

  it('finds a healthy way to the orchestrator, streams included', async () => {
    const { code, stdout } = await mesh.cli('doctor', '--json');
    expect(statesOf(JSON.parse(stdout) as Told)).toEqual({
      settings: 'ok',
      orchestrator: 'ok',
      clock: 'ok',
      key: 'ok',
      streams: 'ok',
    });
    expect(code).toBe(0);
  });

  it('finds a healthy agent and a healthy orchestrator beside the running ones', async () => {
    const agent = await runCli(['doctor', 'agent', '--json'], {
      SCRIPT_MESH_HOME: mesh.agentHome,
      ORCHESTRATOR_URL: mesh.url,
      SCRIPT_MESH_MAIN_KEY: mesh.mainKey,
    });
    expect(JSON.parse(agent.stdout)).toMatchObject({ isHealthy: true });
    const states = statesOf(JSON.parse(agent.stdout) as Told);
    expect(states).toMatchObject({ manifest: 'ok', key: 'ok', 'agent key': 'ok' });
    const orchestrator = await runCli(['doctor', 'orchestrator', '--json'], {
      SCRIPT_MESH_HOME: mesh.orchestratorHome,
      SCRIPT_MESH_PORT: new URL(mesh.url).port,
    });
    expect(JSON.parse(orchestrator.stdout)).toMatchObject({ isHealthy: true });
    expect(statesOf(JSON.parse(orchestrator.stdout) as Told)).toMatchObject({ database: 'ok', streams: 'ok' });
  });

  it('checks what a start would find without leaving anything behind', async () => {
    const fresh = join(mesh.folder, 'fresh');
    for (const words of [
      ['orchestrator', 'check-config'],
      ['doctor', 'orchestrator'],
      ['doctor', 'agent'],
      ['agent', 'check'],
    ]) {
      await runCli(words, { SCRIPT_MESH_HOME: fresh, ORCHESTRATOR_URL: mesh.url });
      expect([words, existsSync(fresh)]).toEqual([words, false]);
    }
    const running = await runCli(['orchestrator', 'check-config'], { SCRIPT_MESH_HOME: mesh.orchestratorHome });
    expect(running).toMatchObject({ code: 0, stdout: expect.stringMatching(/ok {7}fernet key .*fits/) as string });
    const other = { SCRIPT_MESH_HOME: mesh.orchestratorHome, SCRIPT_MESH_FERNET_KEY: makeFernetKey() };
    const wrong = await runCli(['orchestrator', 'check-config'], other);
    expect(wrong).toMatchObject({ code: 78, stdout: expect.stringMatching(/problem {2}fernet key/) as string });
  });

  it('names an agent key that the orchestrator does not know', async () => {
    const own = { SCRIPT_MESH_HOME: mesh.agentHome, ORCHESTRATOR_URL: mesh.url };
    expect((await runCli(['doctor', 'agent'], own)).stdout).toMatch(/ok {7}agent key .*is known to/);
    const wrong = await runCli(['doctor', 'agent'], { ...own, SCRIPT_MESH_AGENT_KEY: 'x'.repeat(40) });
    expect(wrong).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/problem {2}agent key .*is not known to/) as string,
    });
  });

  it('names a wrong key and a certificate that has expired, and ends with 1', async () => {
    const wrong = await runCli(['doctor'], { ORCHESTRATOR_URL: mesh.url, SCRIPT_MESH_API_KEY: 'x'.repeat(40) });
    expect(wrong).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/problem {2}key .*is not one of this/) as string,
    });

    const place = await startExpired(mesh.folder);
    try {
      const env = {
        ORCHESTRATOR_URL: place.url,
        SCRIPT_MESH_API_KEY: mesh.mainKey,
        NODE_EXTRA_CA_CERTS: place.authority,
      };
      const expired = await runCli(['doctor'], env);
      expect(expired).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('its certificate has expired') as string,
      });
    } finally {
      place.stop();
    }
  });

  it('names what is wrong with a damaged database and with a key that others can read', async () => {
    await mesh.orchestrator.stop();
    const home = { SCRIPT_MESH_HOME: mesh.orchestratorHome, SCRIPT_MESH_PORT: new URL(mesh.url).port };
    const file = join(mesh.orchestratorHome, 'scriptmesh.sqlite');
    const whole = readFileSync(file);
    writeFileSync(file, Buffer.concat([whole.subarray(0, 4096), Buffer.alloc(whole.length - 4096, 1)]));
    const damaged = await runCli(['doctor', 'orchestrator'], home);
    expect(damaged).toMatchObject({ code: 1, stdout: expect.stringMatching(/problem {2}database/) as string });
    writeFileSync(file, whole);
    chmodSync(join(mesh.orchestratorHome, 'cfg/main.key'), 0o644);
    const open = await runCli(['doctor', 'orchestrator'], home);
    expect(open).toMatchObject({ code: 1, stdout: expect.stringContaining('main.key') as string });
    chmodSync(join(mesh.orchestratorHome, 'cfg/main.key'), 0o600);
  });
});

/** A server whose certificate ended yesterday, and the authority that vouches for it. */
async function startExpired(folder: string) {
  const script = [
    'ec="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"',
    'openssl req -x509 $ec -keyout ca.key -out ca.pem -subj /CN=ca -days 3',
    'openssl req $ec -keyout server.key -out server.csr -subj /CN=localhost',
    'echo subjectAltName=DNS:localhost,IP:127.0.0.1 > names',
    'openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days -1 -extfile names -out server.pem',
  ].join('\n');
  execFileSync('sh', ['-ec', script], { cwd: folder, stdio: 'ignore' });
  const [key, cert] = [readFileSync(join(folder, 'server.key')), readFileSync(join(folder, 'server.pem'))];
  const server = createServer({ key, cert }, (_, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, authority: join(folder, 'ca.pem'), stop: () => server.close() };
}
