import { SYSTEM_PRINCIPAL, type AgentId, type RunId } from '@scriptmesh/contracts';
import { AgentKeyDigester, SecretBox } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEdgeApp, type EdgeApp } from '../../test-support/edge-app.js';
import { SpeakingAgent } from '../../test-support/speaking-agent.js';
import { AccessModule } from '../access/index.js';
import { claimRun } from './domain/claim.js';
import { endRun, patchRun, proveIntent, unmoved } from './domain/run-progress.js';
import type { Run } from './domain/run.js';
import { RunFeed } from './run-feed.js';
import { RunWriter } from './run-writer.js';
import { RunsModule } from './runs.module.js';
import { RunsStore } from './runs.store.js';
import { JOURNAL } from './test-support/a-run.js';

const AGENT = '019b7600-0000-7000-8000-0000000000a1' as AgentId;

describe('the forms of output', () => {
  let db: Database;
  let edge: EdgeApp;
  let id: RunId;
  let timersBefore: number;

  beforeEach(async () => {
    db = await openTestDatabase();
    edge = await startEdgeApp(db, [AccessModule, RunsModule]);
    const agent = new SpeakingAgent(AGENT, 'an-agent-key-for-tests-of-32-chars');
    await agent.insertInto(db, edge.app.get(SecretBox), edge.app.get(AgentKeyDigester));
    const asked = await edge.call('POST', '/api/v1/runs', { agent: 'db-1', script: 'hello' });
    ({ id } = (await asked.json()) as { id: RunId });
    await edge.app.get(RunWriter).write(SYSTEM_PRINCIPAL, async (runs) => {
      await runs.read([id]);
      runs.apply(claimRun(unmoved(runs.find(id) as Run), JOURNAL, edge.clock.nowMs()));
    });
    timersBefore = edge.clock.waitingTimers;
  });
  afterEach(async () => {
    await edge.app.close();
    await closeTestDatabase(db);
  });

  const read = (query: string, headers: Record<string, string> = {}) =>
    edge.call('GET', `/api/v1/runs/${id}/output${query}`, undefined, headers);
  const isWaitedFor = () => eventually(() => edge.app.get(RunFeed).watchedRuns === 1);

  /** Output as the agent would send it, then perhaps the end. */
  async function write(text: string, ends = false): Promise<void> {
    const nowMs = edge.clock.nowMs();
    await edge.app.get(RunWriter).write(SYSTEM_PRINCIPAL, async (runs) => {
      await runs.read([id]);
      const run = runs.find(id) as Run;
      const at = run.acked.stdout;
      if (text !== '') await edge.app.get(RunsStore).appendOutput(runs.trx, id, 'stdout', at, Buffer.from(text));
      const acked = { ...run.acked, stdout: at + Buffer.byteLength(text) };
      const grown = patchRun(proveIntent(unmoved(run), nowMs, true), { acked });
      const end = { state: 'succeeded', executed: 'yes', finishedAtMs: nowMs, exitCode: 0 } as const;
      runs.apply(ends ? endRun(grown, end) : grown);
    });
  }

  /** Status, body, next offset, and whether that is all. */
  const seen = async (answer: Response) => [
    answer.status,
    await answer.text(),
    answer.headers.get('output-next-offset'),
    answer.headers.get('output-final'),
  ];

  it('as lines of JSON, live, to the line of the end', async () => {
    await write('one\n');
    const answer = await read('', { accept: 'application/x-ndjson' });
    expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
    expect(answer.headers.get('x-accel-buffering')).toBe('no');
    const text = answer.text();
    await write('two\n');
    await write('', true);
    const lines = (await text).trimEnd().split('\n');
    const values = lines.map((line) => JSON.parse(line) as { text?: string; event?: string; run?: { id: string } });
    expect(values.map((value) => value.text ?? '').join('')).toBe('one\ntwo\n');
    expect(values[0]).toMatchObject({ stream: 'stdout', offset: 0 });
    expect(values.at(-1)).toMatchObject({ event: 'end', run: { id, state: 'succeeded' } });
  });

  it('as lines that go on behind the place of Last-Event-ID', async () => {
    await write('one\ntwo\n', true);
    const text = await (await read('', { accept: 'application/x-ndjson', 'last-event-id': '4-0' })).text();
    expect(text.split('\n')[0]).toBe('{"stream":"stdout","offset":4,"text":"two\\n"}');
  });

  it('tell with the bytes where to go on, and whether anything may still come', async () => {
    await write('one\n');
    expect(await seen(await read('?offset=2'))).toEqual([200, 'e\n', '4', 'false']);
    await write('two\n', true);
    expect(await seen(await read('?offset=4'))).toEqual([200, 'two\n', '8', 'true']);
  });

  describe('of which the end is kept after a gap', () => {
    beforeEach(async () => {
      await write('1234');
      await edge.app.get(RunWriter).write(SYSTEM_PRINCIPAL, async (runs) => {
        await runs.read([id]);
        await edge.app.get(RunsStore).appendOutput(runs.trx, id, 'stdout', 100, Buffer.from('end.\n'));
        const tails = { stdout: { offset: 100, length: 5, missing: 96 } };
        const end = { state: 'failed', executed: 'yes', finishedAtMs: edge.clock.nowMs(), exitCode: 3, tails } as const;
        runs.apply(endRun(unmoved(runs.find(id) as Run), end));
      });
    });
    const seenWithGap = async (answer: Response) => [...(await seen(answer)), answer.headers.get('output-gap')];

    it.each<[number, string, ...unknown[]]>([
      [0, '1234', '100', 'false', '96'],
      [3, '4', '100', 'false', '96'],
      [4, '', '100', 'false', '96'],
      [60, '', '100', 'false', '40'],
      [100, 'end.\n', '105', 'true', null],
      [103, '.\n', '105', 'true', null],
      [105, '', '105', 'true', null],
      [999, '', '999', 'true', null],
    ])('hang together in each answer: from %i on %j', async (offset, ...expected) => {
      expect(await seenWithGap(await read(`?offset=${offset}`))).toEqual([200, ...expected]);
    });

    it('are given to a caller who prefers to wait in the same way, to their end', async () => {
      const ask = async (offset: number) => seenWithGap(await read(`?offset=${offset}`, { prefer: 'wait=30' }));
      expect(await ask(4)).toEqual([200, '', '100', 'false', '96']);
      expect(await ask(100)).toEqual([200, 'end.\n', '105', 'true', null]);
      expect(await ask(105)).toEqual([204, '', '105', 'true', null]);
    });

    it('are refused to a follower only beyond their end', async () => {
      const follow = (place: string) => read('', { accept: 'application/x-ndjson', 'last-event-id': place });
      expect((await follow('106-0')).status).toBe(400);
      expect((await (await follow('105-0')).text()).split('\n').filter(Boolean)).toHaveLength(1);
    });
  });

  it('to a caller who prefers to wait: at once, when there are bytes beyond the offset', async () => {
    await write('one\n');
    const answer = await read('?offset=1', { prefer: 'wait=30' });
    expect(answer.headers.get('preference-applied')).toBe('wait=30');
    expect(await seen(answer)).toEqual([200, 'ne\n', '4', 'false']);
  });

  it('to a caller who prefers to wait: as soon as bytes come on that stream', async () => {
    await write('one\n');
    const answer = read('?offset=4', { prefer: 'wait=30' });
    await isWaitedFor();
    await write('two\n');
    expect(await seen(await answer)).toEqual([200, 'two\n', '8', 'false']);
    expect(edge.app.get(RunFeed).watchedRuns).toBe(0);
  });

  it('to a caller who prefers to wait: nothing, when the time is over', async () => {
    await write('one\n');
    const answer = read('?stream=stderr', { prefer: 'wait=10' });
    await isWaitedFor();
    await write('more on stdout\n');
    await edge.clock.advance(10_000);
    expect(await seen(await answer)).toEqual([204, '', '0', 'false']);
    expect(edge.clock.waitingTimers).toBe(timersBefore);
  });

  it('to a caller who prefers to wait: nothing more, as soon as the run has ended', async () => {
    await write('one\n');
    const answer = read('?offset=4', { prefer: 'wait=300' });
    await isWaitedFor();
    await write('', true);
    expect(await seen(await answer)).toEqual([204, '', '4', 'true']);
    expect(await seen(await read('?offset=4', { prefer: 'wait=300' }))).toEqual([204, '', '4', 'true']);
  });

  it('are no reason to wait for a caller who has gone', async () => {
    const leaving = new AbortController();
    const url = `${edge.url}/api/v1/runs/${id}/output`;
    const headers = { 'x-api-key': edge.settings.mainKey, prefer: 'wait=30' };
    const answer = fetch(url, { headers, signal: leaving.signal }).catch(() => 'gone');
    await isWaitedFor();
    leaving.abort();
    await eventually(() => edge.app.get(RunFeed).watchedRuns === 0);
    expect(await answer).toBe('gone');
    expect(edge.clock.waitingTimers).toBe(timersBefore);
  });
});

async function eventually(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5000; turn += 1) {
    if (holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`waited in vain for ${holds.toString()}`);
}
