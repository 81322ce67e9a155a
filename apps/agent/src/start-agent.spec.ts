import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentSettings } from '@scriptmesh/config';
import { FrameSealer } from '@scriptmesh/crypto';
import { startAgent, type RunningAgent } from './start-agent.js';
import { AGENT_KEY, AgentHome, KeptLog, runIdOf } from './test-support/agent-home.js';
import { findSupervisor } from './test-support/end-supervisor.js';
import { FakeOrchestrator, RECEIPT } from './test-support/fake-orchestrator.js';
import { SUPERVISOR_FROM_SOURCE } from './test-support/supervisor-from-source.js';

const SCRIPTS = {
  'greet.sh': '#!/bin/sh\nprintf "hello %s" "$SM_PARAM_WHOM"\nprintf "\\377\\376" >&2\nexit 3\n',
  'wait.sh': '#!/bin/sh\necho started\nexec sleep 30\n',
  'count.sh': '#!/bin/sh\necho once >> counted\n',
  'patient.sh': '#!/bin/sh\necho begun\nwhile [ ! -e go ]; do sleep 0.02; done\necho ended\nexit 4\n',
};
const UNAUTHORIZED = '{"detail":"Unauthorized: Invalid or missing API key"}';

describe('the agent over real http', () => {
  let home: AgentHome;
  let fake: FakeOrchestrator;
  let agent: RunningAgent;
  let log: KeptLog;

  const start = async (more: Partial<AgentSettings> = {}): Promise<void> => {
    agent = await startAgent(home.settings({ orchestratorUrl: fake.url, ...more }), log, SUPERVISOR_FROM_SOURCE);
    fake.agentUrl = agent.url;
  };
  /** Open for offers: the manifest's news follows the welcome. */
  const startWelcomed = async (more: Partial<AgentSettings> = {}): Promise<void> => {
    await start(more);
    await fake.waitFor('manifest');
  };

  beforeEach(async () => {
    home = new AgentHome(SCRIPTS);
    log = new KeptLog();
    fake = await FakeOrchestrator.start(AGENT_KEY);
  });
  afterEach(async () => {
    await agent.close();
    await fake.stop();
    await home.remove();
  });

  it('registers, says hello until it is welcomed, and tells its scripts', async () => {
    await startWelcomed();

    expect(fake.registrations[0]).toMatchObject({
      key: 'main-key-of-a-test-0123456789-abcdefgh',
      body: { name: 'test-agent', url: agent.url, key: AGENT_KEY, transport: 'http', facts: { node: process.version } },
    });
    const hellos = fake.heard.filter(({ header }) => header.kind === 'hello').map(({ header }) => header);
    expect(hellos).toMatchObject([{ epoch: -1 }, { epoch: 0 }]);
    const manifest = fake.heard.find(({ header }) => header.kind === 'manifest');
    expect(JSON.parse(String(manifest?.bytes)).scripts.map((script: { name: string }) => script.name)).toEqual([
      'greet',
      'wait',
      'count',
      'patient',
    ]);
  });

  it('runs an offered script once and ships its output byte for byte with the result', async () => {
    await startWelcomed();
    const runId = runIdOf(1);

    await fake.post([fake.offer(runId, 'greet', { params: { WHOM: '$(id) `x` ;"' } })]);

    expect(await fake.waitFor('accepted', runId)).toMatchObject({ timeoutMs: 60_000, receipt: RECEIPT });
    expect(await fake.waitFor('result', runId)).toMatchObject({
      code: 3,
      signal: null,
      killedBy: null,
      lengths: { stdout: 18, stderr: 2 },
      truncated: false,
    });
    expect(fake.outputOf(runId, 'stdout')).toBe('hello $(id) `x` ;"');
    expect(fake.output.get(`${runId} stderr`)).toEqual(Buffer.from([0xff, 0xfe]));
  });

  it('starts a run once, however often it is offered, and answers with its record', async () => {
    await startWelcomed();
    const runId = runIdOf(1);

    await Promise.all([1, 2, 3].map(() => fake.post([fake.offer(runId, 'count'), fake.offer(runId, 'count')])));
    await fake.waitFor('result', runId);
    await fake.post([{ kind: 'ackResult', runId, receipt: RECEIPT }]);
    const folder = join(home.path, 'spool', runId);
    await expect.poll(() => readdirSync(folder)).toEqual(['done']);
    fake.heard.length = 0;
    await fake.post([fake.offer(runId, 'count', { deliverBy: 0 })]);

    expect(await fake.waitFor('result', runId)).toMatchObject({ code: 0, truncated: true });
    expect(String(readdirSync(home.path))).toContain('counted');
  });

  it('refuses durably what the manifest does not list, and a run that came too late', async () => {
    await startWelcomed();

    await fake.post([
      fake.offer(runIdOf(1), '__proto__'),
      fake.offer(runIdOf(2), 'greet', { deliverBy: fake.nowMs - 1 }),
      fake.offer(runIdOf(3), 'greet', { params: { WHOM: 'a\0b' } }),
    ]);

    expect(await fake.waitFor('refused', runIdOf(1))).toMatchObject({ code: 'script/not-found', belowFloor: false });
    expect(await fake.waitFor('refused', runIdOf(2))).toMatchObject({ code: 'run/stale', belowFloor: false });
    expect(await fake.waitFor('refused', runIdOf(3))).toMatchObject({ code: 'params/invalid', belowFloor: false });
    expect(existsSync(join(home.path, 'spool', runIdOf(3), 'fence'))).toBe(true);
    fake.heard.length = 0;
    await fake.post([fake.offer(runIdOf(2), 'greet')]);
    expect(await fake.waitFor('refused', runIdOf(2))).toMatchObject({ code: 'run/stale' });
  });

  it('answers busy beyond its slots and kills a run that is cancelled', async () => {
    await startWelcomed({ maxConcurrentRuns: 1 });

    await fake.post([fake.offer(runIdOf(1), 'wait'), fake.offer(runIdOf(2), 'wait')]);
    expect(await fake.waitFor('busy', runIdOf(2))).toMatchObject({ freeSlots: 0 });
    await fake.waitFor('chunk', runIdOf(1));
    await fake.post([{ kind: 'cancel', runId: runIdOf(1), receipt: RECEIPT, why: 'cancelled' }]);

    expect(await fake.waitFor('result', runIdOf(1))).toMatchObject({ signal: 'SIGTERM', killedBy: 'cancelled' });
    expect(existsSync(join(home.path, 'spool', runIdOf(2)))).toBe(false);
  });

  it('answers no offer, cancel or ask before it was welcomed', async () => {
    fake.isAcknowledging = false;
    await start();
    await fake.waitFor('hello');

    await fake.post([
      fake.offer(runIdOf(1), 'greet'),
      { kind: 'ask', runId: runIdOf(1), receipt: RECEIPT, askedWhile: 'running' },
    ]);

    expect(fake.heard.every(({ header }) => header.kind === 'hello')).toBe(true);
    expect(existsSync(join(home.path, 'spool', runIdOf(1)))).toBe(false);
  });

  it('works when only the orchestrator can dial: hello, heartbeat, output and result leave with answers', async () => {
    await start({ orchestratorUrl: 'http://127.0.0.1:9' });
    const hello = async (): Promise<void> => {
      await fake.post([]);
      const said = await fake.waitFor('hello');
      fake.journalId = said.journalId;
      await fake.post([{ kind: 'welcome', startId: said.startId, epoch: 1, countSeen: 0 }]);
    };
    // The first poll has no agent id to answer with: the agent learns it from the first frame.
    await fake.post([{ kind: 'manifestWanted' }]);
    await hello();
    await fake.waitFor('manifest');
    await fake.post([fake.offer(runIdOf(1), 'greet', { params: { WHOM: 'you' } })]);
    const hasResult = async (): Promise<boolean> => {
      await fake.post([{ kind: 'ask', runId: runIdOf(1), receipt: RECEIPT, askedWhile: 'running' }]);
      return fake.heard.some(({ header }) => header.kind === 'result');
    };
    await expect.poll(hasResult).toBe(true);
    expect(await fake.waitFor('result', runIdOf(1))).toMatchObject({ code: 3 });
    await fake.post([]);
    await fake.waitFor('heartbeat');
    for (let poll = 0; poll < 200 && fake.outputOf(runIdOf(1), 'stdout') === ''; poll += 1) await fake.post([]);
    expect(fake.outputOf(runIdOf(1), 'stdout')).toBe('hello you');
  });

  it('lets nobody in without its own key, and says nothing of its routes', async () => {
    await startWelcomed();
    for (const key of ['', ' ', 'x', 'x'.repeat(8000), `${AGENT_KEY}x`]) {
      for (const path of [
        '/api/v1/frames',
        '/nowhere',
        '//livez',
        '/LIVEZ',
        '/livez/',
        `/api/v1/frames?x-api-key=${AGENT_KEY}`,
      ]) {
        const response = await fetch(`${agent.url}${path}`, {
          method: 'POST',
          headers: key === '' ? {} : { 'x-api-key': key },
        });
        expect([path, response.status, await response.text()]).toEqual([path, 401, UNAUTHORIZED]);
      }
    }
    expect((await fetch(`${agent.url}/livez`)).status).toBe(200);
    const withKey = await fetch(`${agent.url}/nowhere`, { headers: { 'x-api-key': AGENT_KEY } });
    expect([withKey.status, await withKey.text()]).toEqual([404, '{"detail":"Not Found"}']);
    expect((await fetch(`${agent.url}/api/v1/frames`, { headers: { 'x-api-key': AGENT_KEY } })).status).toBe(405);
    expect(log.text()).not.toContain(AGENT_KEY);
  });

  it('refuses two keys even when both are right', async () => {
    await startWelcomed();
    const { port } = new URL(agent.url);
    const status = await new Promise((resolve) => {
      const headers = { 'x-api-key': [AGENT_KEY, AGENT_KEY] };
      request({ port, path: '/nowhere', headers }, (response) => resolve(response.resume().statusCode)).end();
    });
    expect(status).toBe(401);
  });

  it('refuses a whole list with a forged, foreign or unknown frame, and acts on none of it', async () => {
    await startWelcomed();
    const good = fake.seal(fake.offer(runIdOf(1), 'greet'));
    const forged = Uint8Array.from(good, (byte, at) => (at === good.length - 1 ? byte ^ 1 : byte));
    const unknown = fake.seal({ kind: 'reboot' } as never);
    const mirrored = new FrameSealer(AGENT_KEY).seal('from-agent', { kind: 'welcome' });

    for (const bad of [forged, unknown, mirrored]) {
      const response = await fake.post([], { frames: [good, bad] });
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect([401, 404, 405, 413]).not.toContain(response.status);
    }
    expect(existsSync(join(home.path, 'spool', runIdOf(1)))).toBe(false);
  });

  it('ships after a restart what it could not ship before, and keeps its id', async () => {
    await startWelcomed();
    fake.isAcknowledging = false;
    await fake.post([fake.offer(runIdOf(1), 'greet', { params: { WHOM: 'you' } })]);
    await fake.waitFor('result', runIdOf(1));
    await agent.close();
    fake.heard.length = 0;
    fake.output.clear();
    fake.isAcknowledging = true;
    await start();

    expect(await fake.waitFor('result', runIdOf(1))).toMatchObject({ code: 3, truncated: false });
    expect(fake.outputOf(runIdOf(1), 'stdout')).toBe('hello you');
    expect(fake.registrations.at(-1)?.key).toBe(AGENT_KEY);
  });

  it('leaves its scripts alone when it stops, and ships how they ended after the next start', async () => {
    await startWelcomed();
    await fake.post([fake.offer(runIdOf(1), 'patient')]);
    await fake.waitFor('chunk', runIdOf(1));
    await agent.close();
    writeFileSync(join(home.path, 'go'), '');
    await start();

    expect(await fake.waitFor('result', runIdOf(1))).toMatchObject({ code: 4, killedBy: null, truncated: false });
    expect(fake.outputOf(runIdOf(1), 'stdout')).toBe('begun\nended\n');
  });

  it('stops only when what it has accepted is started, or on record as not started', async () => {
    await startWelcomed();
    const posted = fake.post([fake.offer(runIdOf(1), 'count')]).catch(() => undefined);
    while (!existsSync(join(home.path, 'spool', runIdOf(1)))) await new Promise((resolve) => setImmediate(resolve));
    await agent.close();
    await posted;
    await start();

    const ends = ['result', 'spawnFailed', 'lost'] as const;
    const kind = await Promise.race(ends.map((end) => fake.waitFor(end, runIdOf(1)).then(() => end)));
    expect(kind).not.toBe('lost');
    expect(existsSync(join(home.path, 'counted'))).toBe(kind === 'result');
  });

  it('leaves no supervisor behind when nothing runs', async () => {
    await startWelcomed();
    await fake.post([fake.offer(runIdOf(1), 'count')]);
    await fake.waitFor('result', runIdOf(1));
    expect(findSupervisor(join(home.path, 'spool'))).toBeDefined();
    await agent.close();
    await expect.poll(() => findSupervisor(join(home.path, 'spool'))).toBeUndefined();
    expect(existsSync(join(home.path, 'spool', 'supervisor.json'))).toBe(false);
  });

  it('refuses a second agent on the same home, and a port in use by its name', async () => {
    await startWelcomed();
    await expect(startAgent(home.settings(), log, SUPERVISOR_FROM_SOURCE)).rejects.toMatchObject({
      code: 'store/locked',
    });
    const other = new AgentHome();
    const port = Number(new URL(agent.url).port);
    await expect(startAgent(other.settings({ port }), log, SUPERVISOR_FROM_SOURCE)).rejects.toMatchObject({
      code: 'settings/port-in-use',
      hint: expect.stringContaining('SCRIPT_MESH_AGENT_PORT'),
    });
    expect(readdirSync(join(other.path, 'spool'))).not.toContain('lock');
    await other.remove();
  });
});
