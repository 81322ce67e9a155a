import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findNginx, startPostgres, type TestPostgres } from '@scriptmesh/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mesh, type TestScript } from './support/mesh.js';
import { runCli, startProgram, until, type Program } from './support/program.js';
import { Certificates, ShippedNginx } from './support/shipped-nginx.js';

const found = findNginx();
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const missing = 'missing' in found ? found.missing : hasOpenssl ? undefined : 'no openssl on this machine';
const reason = missing === undefined ? '' : ` (skipped: ${missing})`;

const HELD: TestScript = {
  file: 'held.sh',
  text: '#!/bin/sh\nhome="$(dirname "$0")/.."\necho "$SM_RUN_ID" >> "$home/held.starts"\necho first\nwhile [ ! -e "$home/go" ]; do sleep 0.05; done\necho second\n',
};

describe.skipIf(reason !== '')(`two orchestrators with one PostgreSQL, behind the shipped nginx${reason}`, () => {
  const mesh = new Mesh();
  let certificates: Certificates;
  let postgres: TestPostgres;
  let nginx: ShippedNginx;
  let second: Program;

  beforeAll(async () => {
    certificates = new Certificates();
    postgres = await startPostgres();
    const shared = { DATABASE_URL: await postgres.freshDatabaseUrl(), SCRIPT_MESH_TRUSTED_PROXIES: '127.0.0.1' };
    mkdirSync(mesh.orchestratorHome, { recursive: true });
    mesh.writeScripts([HELD]);
    await mesh.startOrchestrator(shared);
    const home = join(mesh.folder, 'second');
    cpSync(join(mesh.orchestratorHome, 'cfg'), join(home, 'cfg'), { recursive: true });
    second = startProgram('orchestrator', home, { ...shared, SCRIPT_MESH_PORT: '0' });
    const upstreams = [mesh.url, await second.ready()].map((url) => new URL(url).host);
    nginx = await ShippedNginx.start(certificates, { upstreams });
    mesh.orchestratorUrlForAgent = nginx.url;
    await mesh.startAgent({ NODE_EXTRA_CA_CERTS: certificates.caFile });
    await mesh.waitForScripts(1);
  }, 120_000);
  afterAll(async () => {
    await mesh.agent?.stop();
    await nginx?.stop();
    await second?.stop();
    await mesh.stop();
    await postgres?.stop();
    certificates?.remove();
  });

  const cli = (...words: string[]) =>
    runCli(words, {
      ORCHESTRATOR_URL: nginx.url,
      SCRIPT_MESH_API_KEY: mesh.mainKey,
      NODE_EXTRA_CA_CERTS: certificates.caFile,
    });

  it('lose neither a run, nor its output, nor a caller, when one of them is killed in the middle of it', async () => {
    const asked = await cli('run', 'held', '-a', 'e2e-agent', '--detach', '-o', 'json');
    const { id } = JSON.parse(asked.stdout) as { id: string };
    const followed = cli('runs', 'output', '-f', id);
    await until('the start of the script', () => mesh.startsOf('held') === 1);
    mesh.orchestrator.kill('SIGKILL');
    await mesh.orchestrator.ended;
    for (let at = 0; at < 4; at += 1) expect((await cli('runs', 'show', id)).code).toBe(0);
    mesh.touchInAgentHome('go');
    expect(await followed).toMatchObject({ code: 0, stdout: 'first\nsecond\n' });
    expect((await cli('run', 'held', '-a', 'e2e-agent')).stdout).toBe('first\nsecond\n');
    expect(mesh.startsOf('held')).toBe(2);
  });
});
