import { spawnSync } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request, type RequestOptions } from 'node:https';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { findNginx } from '@scriptmesh/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { bashBlocks } from './support/documents.js';
import { Mesh, type TestScript } from './support/mesh.js';
import { ROOT, runCli, until } from './support/program.js';
import { Certificates, dialTls, ShippedNginx } from './support/shipped-nginx.js';

const found = findNginx();
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const missing = 'missing' in found ? found.missing : hasOpenssl ? undefined : 'no openssl on this machine';
const reason = missing === undefined ? '' : ` (skipped: ${missing})`;

const HELD: TestScript = {
  file: 'held.sh',
  text: '#!/bin/sh\necho first\nwhile [ ! -e "$(dirname "$0")/../go-$SM_RUN_ID" ]; do sleep 0.05; done\necho second\n',
};
const OLDER_TLS = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;

describe.skipIf(reason !== '')(`nginx as it is shipped in ops/nginx${reason}`, () => {
  let certificates: Certificates;
  let nginx: ShippedNginx | undefined;
  const servers: Server[] = [];
  beforeAll(() => {
    certificates = new Certificates();
  });
  afterAll(() => certificates.remove());

  const ask = (options: RequestOptions, body?: string): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const where = {
        host: '127.0.0.1',
        port: nginx?.port,
        servername: 'localhost',
        ca: certificates.ca,
        agent: false as const,
      };
      const asked = request({ ...where, ...options }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text })).once('error', reject);
      });
      asked.once('error', reject).end(body);
    });

  it.each(bashBlocks('docs/nginx.md').map(({ heading, text }) => [heading, text]))('docs/nginx.md: %s', (_, text) => {
    const { status, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', text as string], { cwd: ROOT });
    expect(status, String(stderr)).toBe(0);
  });

  describe('before one orchestrator', () => {
    const mesh = new Mesh();
    beforeAll(async () => {
      mkdirSync(mesh.orchestratorHome, { recursive: true });
      mesh.writeScripts([HELD]);
      await mesh.startOrchestrator({ SCRIPT_MESH_TRUSTED_PROXIES: '127.0.0.1' });
      nginx = await ShippedNginx.start(certificates, { upstreams: ['127.0.0.1:9', new URL(mesh.url).host] });
      mesh.orchestratorUrlForAgent = nginx.url;
      await mesh.startAgent({ SCRIPT_MESH_TRANSPORT: 'websocket', NODE_EXTRA_CA_CERTS: certificates.caFile });
      await mesh.waitForScripts(1);
    });
    afterAll(async () => {
      await mesh.stop();
      await nginx?.stop();
    });

    it('runs a script on an agent that came through it, asked through it by the command line', async () => {
      const environment = {
        ORCHESTRATOR_URL: nginx?.url ?? '',
        SCRIPT_MESH_API_KEY: mesh.mainKey,
        NODE_EXTRA_CA_CERTS: certificates.caFile,
      };
      const { id } = await mesh.askForRun('held');
      const followed = runCli(['runs', 'output', '-f', id], environment);
      await mesh.waitForState(id, 'running');
      mesh.touchInAgentHome(`go-${id}`);
      expect(await followed).toMatchObject({ code: 0, stdout: 'first\nsecond\n', stderr: '' });
    });

    it.each(['text/event-stream', 'application/x-ndjson'])('passes on %s over HTTP/2 as it comes', async (accept) => {
      const { id } = await mesh.askForRun('held');
      const session = connectHttp2(nginx?.url ?? '', { ca: certificates.ca });
      const stream = session.request({ ':path': `/api/v1/runs/${id}/output`, accept, 'x-api-key': mesh.mainKey });
      let text = '';
      stream.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      const ended = new Promise((resolve) => stream.once('end', resolve));
      await until('the first line', () => text.includes('first'));
      expect(text).not.toContain('second');
      mesh.touchInAgentHome(`go-${id}`);
      await ended;
      expect(text).toContain('second');
      expect(session.alpnProtocol).toBe('h2');
      session.close();
    });

    it('serves the Swagger UI', async () => {
      expect((await ask({ path: '/docs' })).text).toContain('swagger');
    });

    it('lets bodies come up to what the orchestrator takes, and ends larger ones itself', async () => {
      const headers = { 'x-api-key': mesh.mainKey, 'content-type': 'application/json' };
      const ofOrchestrator = await ask({ method: 'POST', path: '/api/v1/runs', headers }, `"${'x'.repeat(2 << 20)}"`);
      expect(ofOrchestrator.status).toBe(413);
      expect(ofOrchestrator.text).toContain('"code"');
      const headOnly = { ...headers, 'content-length': String(10 << 20) };
      expect(
        (await ask({ method: 'POST', path: '/api/v1/runs', headers: headOnly }).catch(String)) as object,
      ).toMatchObject({ status: 413 });
    });

    it('tells the orchestrator the address it sees, not the one that a caller writes', async () => {
      const statuses: number[] = [];
      for (let at = 1; at <= 25; at += 1) {
        const headers = { 'x-api-key': 'wrong', 'x-forwarded-for': `192.0.2.${at}`, forwarded: `for=192.0.2.${at}` };
        statuses.push((await ask({ path: '/api/v1/runs', headers })).status);
      }
      expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
    });
  });

  describe('in front of two servers', () => {
    afterEach(async () => {
      await nginx?.stop();
      for (const server of servers.splice(0)) {
        server.closeAllConnections();
        server.close();
      }
    });

    /** Keeps what it was asked. */
    async function startServer(answer: (request: IncomingMessage, response: ServerResponse) => void) {
      const asked: string[] = [];
      const server = createServer((incoming, response) => {
        incoming.resume().once('end', () => {
          asked.push(`${incoming.method} ${incoming.url}`);
          answer(incoming, response);
        });
      });
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return { asked, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
    }
    const dies = (incoming: IncomingMessage): unknown => incoming.socket.destroy();
    const answers = (_: IncomingMessage, response: ServerResponse): unknown => response.end('here');

    it.each(['GET', 'POST'])('asks the other one when one cannot be reached: %s', async (method) => {
      const other = await startServer(answers);
      nginx = await ShippedNginx.start(certificates, { upstreams: ['127.0.0.1:9', other.address] });
      for (let at = 0; at < 4; at += 1)
        expect(await ask({ method, path: '/x' })).toEqual({ status: 200, text: 'here' });
      expect(other.asked).toHaveLength(4);
    });

    it('asks the other one when one dies over a GET', async () => {
      const [one, other] = [await startServer(dies), await startServer(answers)];
      nginx = await ShippedNginx.start(certificates, { upstreams: [one.address, other.address] });
      for (let at = 0; at < 2; at += 1) expect((await ask({ path: '/x' })).status).toBe(200);
      expect([one.asked.length, other.asked.length]).toEqual([1, 2]);
    });

    it('never sends a POST again that somebody may have done, with an Idempotency-Key or without', async () => {
      const [one, other] = [await startServer(dies), await startServer(dies)];
      nginx = await ShippedNginx.start(certificates, { upstreams: [one.address, other.address] });
      const post = (headers: Record<string, string>) => ask({ method: 'POST', path: '/api/v1/runs', headers }, '{}');
      expect((await post({})).status).toBe(502);
      expect(one.asked.length + other.asked.length).toBe(1);
      expect((await post({ 'idempotency-key': 'one' })).status).toBe(502);
      expect(one.asked.length + other.asked.length).toBe(2);
    });

    it('hands on what is said of the caller in its own words', async () => {
      let seen: IncomingMessage['headers'] = {};
      const server = await startServer((incoming, response) => {
        seen = incoming.headers;
        response.end();
      });
      nginx = await ShippedNginx.start(certificates, { upstreams: [server.address] });
      const lies = {
        'x-forwarded-for': '192.0.2.1',
        'x-forwarded-proto': 'http',
        'x-forwarded-host': 'evil.example',
        forwarded: 'for=192.0.2.1',
      };
      await ask({ path: '/', headers: { ...lies, host: 'mesh.example:8443' } });
      expect(seen).toMatchObject({
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'mesh.example:8443',
        host: 'mesh.example:8443',
      });
      expect(seen).not.toHaveProperty('forwarded');
      expect(seen).not.toHaveProperty('upgrade');
    });

    it('speaks TLS 1.2 and 1.3 and refuses 1.1', async () => {
      nginx = await ShippedNginx.start(certificates, { upstreams: ['127.0.0.1:9'] });
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        const socket = await nginx.dial({ minVersion: version, maxVersion: version });
        expect(socket.getProtocol()).toBe(version);
        socket.destroy();
      }
      await expect(nginx.dial(OLDER_TLS)).rejects.toThrow(/alert protocol version/);
      expect(await speaksOlderTls(certificates)).toBe('TLSv1.1');
    });
  });

  describe('that asks agents for certificates', () => {
    const mesh = new Mesh();
    let id = '';
    let agentKey = '';
    beforeAll(async () => {
      mkdirSync(mesh.orchestratorHome, { recursive: true });
      mesh.writeScripts([HELD]);
      await mesh.startOrchestrator();
      await mesh.startAgent({ SCRIPT_MESH_TRANSPORT: 'websocket' });
      await mesh.waitForScripts(1);
      id = (await mesh.getAgent()).id;
      agentKey = readFileSync(join(mesh.agentHome, 'cfg/agent.key'), 'utf8').trim();
      await mesh.agent.stop();
      ours = certificates.makeClient('agents-ca');
      stranger = certificates.makeClient('others-ca');
      nginx = await ShippedNginx.start(certificates, { upstreams: [new URL(mesh.url).host], agentCertificates: true });
    });
    afterAll(async () => {
      await mesh.stop();
      await nginx?.stop();
    });
    let ours: ReturnType<Certificates['makeClient']>;
    let stranger: ReturnType<Certificates['makeClient']>;

    /** 101, or the status of the refusal. */
    const dialSocket = (path: string, shown: object): Promise<number> =>
      new Promise((resolve, reject) => {
        const options = { headers: { 'x-api-key': agentKey }, ca: certificates.ca, ...shown };
        const socket = new WebSocket(`${nginx?.url.replace('https', 'wss')}${path}`, options);
        socket.once('open', () => resolve((socket.terminate(), 101)));
        socket.once('unexpected-response', (_, { statusCode = 0 }) => resolve((socket.terminate(), statusCode)));
        socket.on('error', reject);
      });

    it('lets an agent with one open its socket', async () => {
      expect(await dialSocket(`/api/v1/agents/${id}/socket?x=/`, ours)).toBe(101);
      expect(await dialSocket(`/api/v1/agents/${id}/socket`, ours)).toBe(101);
    });

    it('turns an agent without one away, and one with a certificate of another authority', async () => {
      expect(await dialSocket(`/api/v1/agents/${id}/socket`, {})).toBe(403);
      expect(await dialSocket(`/api/v1/agents/${id}/socket`, stranger)).toBe(400);
      const frames = { method: 'POST', path: `/api/v1/agents/${id}/frames`, headers: { 'x-api-key': agentKey } };
      expect((await ask(frames)).status).toBe(403);
      expect((await ask({ ...frames, ...ours })).status).not.toBe(403);
    });

    it.each([
      ['a slash too many', (one: string) => `//api/v1/agents/${one}/socket`],
      ['an encoded letter', (one: string) => `/api/v1/agents/${one}/sock%65t`],
      ['an encoded slash', (one: string) => `/api/v1/agents%2F${one}%2Fsocket`],
      ['an encoded slash in the id', (one: string) => `/api/v1/agents/x%2F${one}/socket`],
      ['an encoded dot', (one: string) => `/api/v1/agents/x/%2e%2e/${one}/socket`],
      ['a query', (one: string) => `/api/v1/agents/${one}/socket?x=/`],
      ['a fragment', (one: string) => `/api/v1/agents/${one}/socket%23`],
      ['capitals', (one: string) => `/API/v1/agents/${one}/socket`],
      ['a slash behind', (one: string) => `/api/v1/agents/${one}/socket/`],
      ['a parameter', (one: string) => `/api/v1/agents/${one}/socket;x`],
    ])('cannot be walked around by %s', async (_, spell) => {
      expect([400, 401, 403, 404]).toContain(await dialSocket(spell(id), {}));
    });

    it.each(['websocket', 'http'])('runs a script on an agent that shows its own over %s', async (transport) => {
      const files = {
        SCRIPT_MESH_CLIENT_CERTIFICATE: 'agent.pem',
        SCRIPT_MESH_CLIENT_CERTIFICATE_KEY: 'agent-tls.key',
      };
      writeFileSync(join(mesh.agentHome, 'agent.pem'), ours.cert);
      writeFileSync(join(mesh.agentHome, 'agent-tls.key'), ours.key, { mode: 0o600 });
      mesh.orchestratorUrlForAgent = nginx?.url ?? '';
      const trust = { NODE_EXTRA_CA_CERTS: certificates.caFile };
      await mesh.startAgent({ SCRIPT_MESH_TRANSPORT: transport, ...trust, ...files });
      const { id: run } = await mesh.askForRun('held');
      await mesh.waitForState(run, 'running');
      mesh.touchInAgentHome(`go-${run}`);
      expect(await mesh.waitForState(run, 'succeeded')).toMatchObject({ exitCode: 0 });
      expect(await mesh.agent.stop()).toBe(0);
    });

    it('asks nobody else for one', async () => {
      expect((await ask({ path: '/api/v1/runs', headers: { 'x-api-key': mesh.mainKey } })).status).toBe(200);
    });
  });
});

/** What the same client comes to with a server that takes it: that it was not the client which refused. */
async function speaksOlderTls({ folder, ca }: Certificates): Promise<string | null> {
  const [key, cert] = ['server.key', 'server.pem'].map((file) => readFileSync(join(folder, file)));
  const server = createTlsServer({ ...OLDER_TLS, ...(key && cert ? { key, cert } : {}) });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const socket = await dialTls({ port, ca, ...OLDER_TLS });
  const protocol = socket.getProtocol();
  socket.destroy();
  server.close();
  return protocol;
}
