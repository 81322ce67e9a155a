import type { AgentResource } from '@scriptmesh/contracts';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { decodeFrames, encodeFrames, FRAMES_CONTENT_TYPE } from '@scriptmesh/transport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentId } from '@scriptmesh/contracts';
import { startEdgeApp, type EdgeApp } from '../../test-support/edge-app.js';
import { SpeakingAgent } from '../../test-support/speaking-agent.js';
import { TEST_MAIN_KEY } from '../../test-support/surroundings.js';
import { AccessModule } from '../access/index.js';
import { AuditModule } from '../audit/index.js';
import { AgentDirectory, RegistryModule } from '../registry/index.js';
import { AgentLinks } from './agent-links.js';
import { LinksModule } from './links.module.js';

const KEY_A = 'the-key-of-agent-a-of-32-characters';
const KEY_B = 'the-key-of-agent-b-of-32-characters';

describe('POST /api/v1/agents/:agentId/frames', () => {
  let db: Database;
  let edge: EdgeApp;
  let a: SpeakingAgent;
  let b: SpeakingAgent;
  let heard: string[];

  beforeEach(async () => {
    db = await openTestDatabase();
    edge = await startEdgeApp(db, [AuditModule, AccessModule, RegistryModule, LinksModule]);
    a = await register('a', KEY_A);
    b = await register('b', KEY_B);
    heard = [];
    edge.app.get(AgentLinks).handle(['hello'], (agent, messages) => {
      heard.push(`${agent.name}: ${messages.map(({ header }) => header.kind).join(' ')}`);
      return Promise.resolve([{ kind: 'manifestWanted' }]);
    });
  });
  afterEach(async () => {
    await edge.app.close();
    await closeTestDatabase(db);
  });

  async function register(name: string, key: string): Promise<SpeakingAgent> {
    const answer = await edge.call('POST', '/api/v1/agents', { name, key, transport: 'http', facts: {} });
    return new SpeakingAgent(((await answer.json()) as AgentResource).id as AgentId, key);
  }
  const post = (to: string, key: string, body: Uint8Array, contentType = FRAMES_CONTENT_TYPE) =>
    fetch(`${edge.url}/api/v1/agents/${to}/frames`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': contentType },
      body: new Uint8Array(body),
    });

  it('hands the frames on and answers with frames', async () => {
    const answer = await post(a.id, KEY_A, encodeFrames([a.hello(-1)]));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, FRAMES_CONTENT_TYPE]);
    const headers = a.open(decodeFrames(new Uint8Array(await answer.arrayBuffer())));
    expect(headers).toMatchObject([{ kind: 'manifestWanted', agentId: a.id, storeSeq: expect.any(Number) }]);
    expect(heard).toEqual(['a: hello']);
  });

  it('takes an empty list as a poll, and notes that the agent has spoken', async () => {
    const answer = await post(a.id, KEY_A, new Uint8Array(0));
    expect([answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([200, 0]);
    expect(await edge.app.get(AgentDirectory).getAgent('a')).toMatchObject({ lastSeenAtMs: edge.clock.nowMs() });
  });

  it("turns one agent's key away from another agent's door, and the main key from both (A8)", async () => {
    for (const [to, key] of [
      [b.id, KEY_A],
      [a.id, TEST_MAIN_KEY],
      ['019b7600-0000-7000-8000-00000000ffff', KEY_A],
      ['a', KEY_A],
    ] as const) {
      expect((await post(to, key, encodeFrames([b.hello(-1)]))).status).toBe(403);
    }
    expect((await post(a.id, 'no-such-key', new Uint8Array(0))).status).toBe(401);
    expect(heard).toEqual([]);
    expect(await edge.app.get(AgentDirectory).getAgent('b')).toMatchObject({ lastSeenAtMs: null });
  });

  it('refuses frames that are not authentic or of another agent, whole lists at once', async () => {
    // 401, 404, 405 and 413 would tell the agent that nothing arrived; a list that was looked at gets none of them.
    for (const frames of [[b.hello(-1)], [a.hello(-1), b.hello(-1)], [new SpeakingAgent(a.id, KEY_B).hello(-1)]]) {
      expect((await post(a.id, KEY_A, encodeFrames(frames))).status).toBe(400);
    }
    expect(heard).toEqual([]);
  });

  it('refuses what is no list of frames', async () => {
    expect((await post(a.id, KEY_A, Buffer.from([0, 0, 0, 9, 1]))).status).toBe(400);
    expect((await post(a.id, KEY_A, Buffer.from('{}'), 'application/json')).status).toBe(415);
    expect((await post(a.id, KEY_A, Buffer.alloc(8 * 1024 * 1024 + 1))).status).toBe(413);
  });

  it('does not take frames elsewhere', async () => {
    const answer = await fetch(`${edge.url}/api/v1/agents`, {
      method: 'POST',
      headers: { 'x-api-key': TEST_MAIN_KEY, 'content-type': FRAMES_CONTENT_TYPE },
      body: new Uint8Array(encodeFrames([a.hello(-1)])),
    });
    expect(answer.status).toBe(415);
  });

  it('says that nothing was sent to an agent that is unknown, cannot be dialled, or whose key was given up', async () => {
    const links = edge.app.get(AgentLinks);
    await edge.call('POST', '/api/v1/agents', { name: 'a', url: 'http://127.0.0.1:9', key: KEY_A, transport: 'http' });
    expect(await links.send('019b7600-0000-7000-8000-00000000ffff' as AgentId, [])).toBe('not-sent');
    expect(await links.send(b.id, [])).toBe('not-sent');
    expect(links.reach(await edge.app.get(AgentDirectory).getAgent('b'))).toBe('none');
    await db.write((trx) => trx.updateTable('agents').set({ key_token: '' }).where('id', '=', a.id).execute());
    expect(await links.send(a.id, [])).toBe('not-sent');
    expect(edge.log.lines.some(({ event }) => event === 'links.not-sent')).toBe(true);
  });
});
