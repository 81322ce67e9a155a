import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { BrokenProxy } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { listeningPorts } from './support/listening-ports.js';
import { AGENT_NAME, Mesh, type TestScript } from './support/mesh.js';
import { Nginx, NGINX } from './support/nginx.js';
import { until } from './support/program.js';

const WEBSOCKET = { SCRIPT_MESH_TRANSPORT: 'websocket' };
const HELLO: TestScript = { file: 'hello.sh', text: '#!/bin/sh\necho hello\n' };
const LARGE: TestScript = { file: 'large.sh', text: '#!/bin/sh\nhead -c 20000000 /dev/zero\n' };
// Each start leaves a line outside the spool, so that a second start cannot hide. The script ends when the file `go` is there.
const PATIENT: TestScript = {
  file: 'patient.sh',
  text: '#!/bin/sh\nhome="$(dirname "$0")/.."\necho "$SM_RUN_ID" >> "$home/patient.starts"\necho begun\nwhile [ ! -e "$home/go" ]; do sleep 0.05; done\necho ended\n: > "$home/patient.ended"\n',
};
const SCRIPTS = [HELLO, LARGE, PATIENT];

const hasEndRecord = (spool: string): boolean =>
  readdirSync(spool).some((name) => existsSync(join(spool, name, 'end')));

describe('the websocket transport with real programs', () => {
  let mesh: Mesh;
  let proxy: BrokenProxy | undefined;
  let nginx: Nginx | undefined;

  beforeEach(() => {
    mesh = new Mesh();
    mesh.writeScripts(SCRIPTS);
    mkdirSync(mesh.orchestratorHome, { recursive: true });
  });
  afterEach(async () => {
    await mesh.stop();
    await proxy?.stop();
    await nginx?.stop();
    [proxy, nginx] = [undefined, undefined];
  });

  async function startBoth(): Promise<void> {
    await mesh.startOrchestrator();
    await startAgent();
  }
  async function startAgent(): Promise<void> {
    await mesh.startAgent(WEBSOCKET);
    await mesh.waitForScripts(SCRIPTS.length);
  }
  async function startThroughProxy(): Promise<BrokenProxy> {
    await mesh.startOrchestrator();
    proxy = await BrokenProxy.start({ targetPort: Number(new URL(mesh.url).port) });
    mesh.orchestratorUrlForAgent = proxy.url;
    await startAgent();
    return proxy;
  }
  const letGo = (): void => writeFileSync(join(mesh.agentHome, 'go'), '');
  async function startPatient(): Promise<string> {
    const { id } = await mesh.askForRun('patient');
    await until('the start of the script', () => mesh.startsOf('patient') === 1);
    return id;
  }
  async function waitForPatient(id: string): Promise<unknown> {
    const { state, executed, truncated } = await mesh.waitForState(id, 'succeeded', 'lost', 'failed', 'rejected');
    return { state, executed, truncated, output: await mesh.output(id), starts: mesh.startsOf('patient') };
  }
  const DONE = { state: 'succeeded', executed: 'yes', truncated: false, output: 'begun\nended\n', starts: 1 };

  it('runs scripts on an agent that has no port open and no address', async () => {
    await startBoth();
    expect(mesh.agent.output.stdout).toMatch(/ ready on ws:\/\/\S+ \(dials out; no port is open\)\n$/);
    expect(listeningPorts(mesh.agent.pid)).toEqual([]);
    expect(listeningPorts(mesh.orchestrator.pid)).toHaveLength(1);
    expect(await mesh.getAgent()).toMatchObject({ transport: 'websocket', url: null, liveness: 'online' });
    expect(await mesh.askForRun('hello', {}, { prefer: 'wait=30' })).toMatchObject({
      state: 'succeeded',
      stdout: 'hello\n',
    });
    const large = await mesh.askForRun('large', {}, { prefer: 'wait=30' });
    expect(large).toMatchObject({ state: 'succeeded', truncated: false, stdoutBytes: 20_000_000 });
    expect(await mesh.agent.stop()).toBe(0);
  });

  it('reads the logs of the node over the socket', async () => {
    await startBoth();
    expect((await mesh.call('GET', `/api/v1/agents/${AGENT_NAME}/logs`)).status).toBe(200);
  });

  it('keeps a run for an agent that is away, and hands it over in the moment it comes', async () => {
    await startBoth();
    await mesh.agent.stop();
    await until('the socket closed', () => mesh.orchestrator.output.stderr.includes('transport.socket-closed'));
    const { id } = await mesh.askForRun('hello');
    expect((await mesh.getRun(id)).state).toBe('queued');
    await mesh.startAgent(WEBSOCKET);
    await mesh.waitForState(id, 'succeeded');
  });

  it.each(['refuse', 'resetBefore', 'resetAfterRequest', 'halfOpen'] as const)(
    'ends a run truly when its connection breaks in the middle: %s',
    async (fault) => {
      const between = await startThroughProxy();
      const id = await startPatient();
      await between.become(fault);
      letGo();
      await until('the end of the script', () => existsSync(join(mesh.agentHome, 'patient.ended')));
      // What was on its way in a connection that stands still is lost with it.
      if (fault === 'halfOpen') await between.become('refuse');
      await until('the break', () => mesh.agent.output.stderr.includes('transport.disconnected'));
      await between.become('pass');
      expect(await waitForPatient(id)).toEqual(DONE);
    },
  );

  it('brings the result home when the orchestrator was killed and started again in the middle of a run', async () => {
    await startBoth();
    const id = await startPatient();
    mesh.orchestrator.kill('SIGKILL');
    await mesh.orchestrator.ended;
    letGo();
    await mesh.startOrchestrator();
    expect(await waitForPatient(id)).toEqual(DONE);
  });

  it('stops the orchestrator in order while sockets stand, and the agent comes back to the next one', async () => {
    await startBoth();
    expect(await mesh.orchestrator.stop()).toBe(0);
    expect(mesh.orchestrator.output.stderr).not.toContain('lingered');
    await mesh.startOrchestrator();
    expect(await mesh.askForRun('hello', {}, { prefer: 'wait=30' })).toMatchObject({ state: 'succeeded' });
  });

  it('loses no run when the agent changes from http to websocket and back', async () => {
    await mesh.startOrchestrator();
    await mesh.startAgent();
    await mesh.waitForScripts(SCRIPTS.length);
    const { id: agentId } = await mesh.getAgent();
    let ended = 0;
    for (const transport of ['websocket', 'http', 'websocket']) {
      await mesh.agent.stop();
      const waiting = await Promise.all(Array.from({ length: 5 }, () => mesh.askForRun('hello')));
      await mesh.startAgent({ SCRIPT_MESH_TRANSPORT: transport });
      for (const { id } of waiting) {
        expect(await mesh.waitForState(id, 'succeeded')).toMatchObject({ executed: 'yes' });
        ended += 1;
      }
      const agent = await mesh.getAgent();
      expect([agent.id, agent.transport, agent.url === null]).toEqual([agentId, transport, transport === 'websocket']);
    }
    expect(ended).toBe(15);
  });

  it.each([
    ['http', 'websocket'],
    ['websocket', 'http'],
  ])('brings a result home over another transport than its run came: %s, then %s', async (first, second) => {
    await mesh.startOrchestrator();
    await mesh.startAgent({ SCRIPT_MESH_TRANSPORT: first });
    await mesh.waitForScripts(SCRIPTS.length);
    const id = await startPatient();
    mesh.orchestrator.kill('SIGKILL');
    await mesh.orchestrator.ended;
    letGo();
    await until('the end record', () => hasEndRecord(join(mesh.agentHome, 'spool')));
    await mesh.agent.stop();
    await mesh.startOrchestrator();
    await mesh.startAgent({ SCRIPT_MESH_TRANSPORT: second });
    expect(await waitForPatient(id)).toEqual(DONE);
  });

  it('lets the newest of two sockets of one agent win, and the older one keeps away for a while (J1)', async () => {
    await startBoth();
    const { id } = await mesh.getAgent();
    const key = readFileSync(join(mesh.agentHome, 'cfg/agent.key'), 'utf8').trim();
    const url = `${mesh.url.replace('http', 'ws')}/api/v1/agents/${id}/socket`;
    const newer = new WebSocket(url, { headers: { 'x-api-key': key } });
    await new Promise((resolve) => newer.once('open', resolve));
    await until('the older one closed', () => mesh.agent.output.stderr.includes('transport.replaced'));
    expect(newer.readyState).toBe(newer.OPEN);
    newer.terminate();
  });

  it('turns strangers away before the upgrade and does not wait for those who say nothing (J1)', async () => {
    await startBoth();
    const { id } = await mesh.getAgent();
    const ask = (headers: Record<string, string>): Promise<number> =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`${mesh.url.replace('http', 'ws')}/api/v1/agents/${id}/socket`, { headers });
        socket.once('open', () => resolve(101));
        socket.once('unexpected-response', (_, { statusCode = 0 }) => resolve((socket.terminate(), statusCode)));
        socket.on('error', reject);
      });
    expect(await ask({ origin: 'http://evil.example' })).toBe(403);
    expect(await ask({})).toBe(401);
    expect(await ask({ 'x-api-key': mesh.mainKey })).toBe(403);
    const silent = connect(Number(new URL(mesh.url).port), '127.0.0.1');
    const begun = `GET /api/v1/agents/${id}/socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`;
    silent.resume().write(begun);
    await new Promise((resolve) => silent.once('close', resolve));
    expect((await fetch(`${mesh.url}/livez`)).status).toBe(200);
  });

  it('registers again when it was removed, within its next words', async () => {
    await startBoth();
    const before = await mesh.getAgent();
    expect((await mesh.call('DELETE', `/api/v1/agents/${AGENT_NAME}`)).status).toBe(204);
    await mesh.waitForScripts(SCRIPTS.length);
    expect((await mesh.getAgent()).id).not.toBe(before.id);
    expect(await mesh.askForRun('hello', {}, { prefer: 'wait=30' })).toMatchObject({ state: 'succeeded' });
  });

  it.runIf(NGINX).each(['http', 'https'] as const)(
    'dials through the real nginx, where there is one: %s',
    async (scheme) => {
      await mesh.startOrchestrator();
      nginx = await Nginx.start(mesh.url);
      mesh.orchestratorUrlForAgent = nginx.urls[scheme];
      await mesh.startAgent({ ...WEBSOCKET, NODE_EXTRA_CA_CERTS: nginx.certificateFile });
      await mesh.waitForScripts(SCRIPTS.length);
      expect((await mesh.getAgent()).liveness).toBe('online');
      const large = await mesh.askForRun('large', {}, { prefer: 'wait=30' });
      expect(large).toMatchObject({ state: 'succeeded', truncated: false, stdoutBytes: 20_000_000 });
    },
  );
});
