import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lookAtOrchestrator } from './look-at-orchestrator.js';
import { SmallServer } from './test-support/small-server.js';

const KEY = 'the-right-key-of-32-characters-00';
const AGENT_KEY = 'the-key-of-an-agent-32-characters';
const NOW = Date.parse('2026-11-23T12:00:00Z');

describe('a look at the orchestrator', () => {
  let server: SmallServer;
  let date: string;
  let livez: number;
  beforeEach(async () => {
    date = new Date(NOW).toUTCString();
    livez = 200;
    server = await SmallServer.start((request, response) => {
      const ofKey = { [KEY]: 200, [AGENT_KEY]: 403 }[String(request.headers['x-api-key'])] ?? 401;
      response.writeHead(request.url === '/livez' ? livez : ofKey, { date }).end('{}');
    });
  });
  afterEach(() => server.stop());

  const look = ({ url, key = KEY, ...more }: { key?: string | null; url?: string; agentKey?: string } = {}) =>
    lookAtOrchestrator({ url: url ?? server.url, key, nowMs: () => NOW, ...more });

  it('finds nothing when all is well', async () => {
    const findings = await look({ url: `${server.url}/` });
    expect(findings.map(({ check, state }) => [check, state])).toEqual([
      ['orchestrator', 'ok'],
      ['clock', 'ok'],
      ['key', 'ok'],
    ]);
  });

  it('names a wrong key', async () => {
    expect((await look({ key: 'another-key' })).at(-1)).toMatchObject({
      check: 'key',
      state: 'problem',
      todo: expect.stringContaining('cfg/main.key'),
    });
  });

  it.each([
    ['ahead of', -3600_000],
    ['behind', 3600_000],
  ])('names a clock that is %s the orchestrator', async (side, offsetMs) => {
    date = new Date(NOW + offsetMs).toUTCString();
    const clock = (await look()).find(({ check }) => check === 'clock');
    expect(clock).toMatchObject({ state: 'problem', says: expect.stringContaining(`3600 s ${side}`) });
  });

  it('names an orchestrator that cannot be reached', async () => {
    const { url } = server;
    await server.stop();
    expect(await look({ url })).toMatchObject([
      { check: 'orchestrator', state: 'problem', says: expect.stringContaining('nothing listens there') },
    ]);
    server = await SmallServer.start((_, response) => response.end());
  });

  it('names a host that nobody knows, and something else that answers', async () => {
    expect(await look({ url: 'http://no-such-host.invalid' })).toMatchObject([{ state: 'problem' }]);
    livez = 404;
    expect(await look()).toMatchObject([{ state: 'problem', says: expect.stringContaining('no orchestrator') }]);
  });

  it.each([
    ['is known', AGENT_KEY, null, 'ok', 'is known to'],
    ['can be registered', 'another-key', KEY, 'ok', 'registers with the main key'],
    ['is wrong', 'another-key', null, 'problem', 'is not known to'],
  ])("tries an agent's own key: it %s", async (_what, agentKey, key, state, says) => {
    const finding = (await look({ agentKey, key })).at(-1);
    expect(finding).toMatchObject({ check: 'agent key', state, says: expect.stringContaining(says) as string });
  });

  it('tries no key where there is none', async () => {
    expect((await look({ key: null })).at(-1)).toMatchObject({ check: 'key', state: 'skipped' });
  });
});
