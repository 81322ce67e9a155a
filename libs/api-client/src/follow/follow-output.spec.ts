import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MovedClock } from '@scriptmesh/testing';
import { answerEvents, answerNothing, answerProblem, answerText, aRunResource, FakeApi } from '@scriptmesh/testing';
import { ApiClient } from '../api-client.js';
import type { OutputEvent } from './output-event.js';

const ROUTE = 'GET /api/v1/runs/r1/output';
const output = (offset: number, text: string, stream = 'stdout') => ({
  event: 'output',
  id: stream === 'stdout' ? `${offset + text.length}-0` : `0-${offset + text.length}`,
  data: { stream, offset, text },
});
const textOf = (events: OutputEvent[]): string =>
  Buffer.concat(events.flatMap((event) => (event.kind === 'output' ? [event.bytes] : []))).toString();
const end = { event: 'end', data: aRunResource() };

describe('followOutput', () => {
  let api: FakeApi;
  let clock: MovedClock;
  let client: ApiClient;

  beforeEach(async () => {
    api = await FakeApi.start();
    clock = new MovedClock();
    client = new ApiClient({ url: api.url, apiKey: api.key, clock });
  });
  afterEach(() => api.stop());

  /** Reads to the end, moving time on only while the connection is broken. */
  const follow = async (options: Parameters<ApiClient['followOutput']>[1] = {}): Promise<OutputEvent[]> => {
    const events: OutputEvent[] = [];
    let broken = false;
    const moving = setInterval(() => broken && void clock.advance(250), 4);
    try {
      for await (const event of client.followOutput('r1', options)) {
        broken = event.kind === 'reconnecting';
        events.push(event);
      }
    } finally {
      clearInterval(moving);
    }
    return events;
  };

  it('yields output as it comes and ends with the run', async () => {
    api.answer(ROUTE, answerEvents([output(0, 'hello\n'), output(0, 'oops', 'stderr'), end]));
    const events = await follow();
    expect(events.map((event) => event.kind)).toEqual(['output', 'output', 'end']);
    expect(api.requests[0]?.headers).toMatchObject({ accept: 'text/event-stream' });
    expect(api.requests[0]?.headers['last-event-id']).toBeUndefined();
  });

  it('goes on after a cut connection where it stopped, without a byte lost or repeated', async () => {
    api.answer(
      ROUTE,
      answerEvents([output(0, 'abc')], 'cut'),
      answerNothing,
      answerEvents([output(0, 'abcde'), output(5, 'f'), end]),
    );
    const events = await follow();
    expect(textOf(events)).toBe('abcdef');
    expect(events.filter((event) => event.kind === 'reconnecting')).toHaveLength(1);
    expect(api.requests[2]?.headers['last-event-id']).toBe('3-0');
  });

  it('tries again when the orchestrator is starting (503) or closes early', async () => {
    api.answer(ROUTE, answerEvents([]), answerProblem('orchestrator/stopping', 'stopping'), answerEvents([end]));
    expect((await follow()).at(-1)).toMatchObject({ kind: 'end' });
    expect(api.requests).toHaveLength(3);
  });

  it('gives binary output as it was', async () => {
    const data = { stream: 'stdout', offset: 0, base64: Buffer.from([255, 0]).toString('base64') };
    api.answer(ROUTE, answerEvents([{ event: 'output', data }, end]));
    expect((await follow())[0]).toMatchObject({ bytes: Buffer.from([255, 0]) });
  });

  it('tells of a gap and passes over events it does not know', async () => {
    const gap = { event: 'gap', data: { stream: 'stdout', offset: 100, missing: 97 } };
    api.answer(ROUTE, answerEvents([{ event: 'new-thing', data: 1 }, gap, output(100, 'x'), end]));
    const events = await follow();
    expect(events.map((event) => event.kind)).toEqual(['gap', 'output', 'end']);
    expect(events[0]).toEqual({ kind: 'gap', stream: 'stdout', offset: 100, missing: 97 });
  });

  it('tells of a gap of which an older orchestrator does not say how long it is', async () => {
    api.answer(ROUTE, answerEvents([{ event: 'gap', data: { stream: 'stdout', offset: 100 } }, end]));
    expect((await follow())[0]).toEqual({ kind: 'gap', stream: 'stdout', offset: 100, missing: null });
  });

  it('does not try again what cannot pass by itself', async () => {
    api.answer(ROUTE, answerProblem('run/not-found', 'no run r1'));
    await expect(follow()).rejects.toMatchObject({ code: 'run/not-found' });
    expect(api.requests).toHaveLength(1);
  });

  it('gives up when the orchestrator stays away', async () => {
    api.answer(ROUTE, answerNothing);
    await expect(follow({ giveUpAfterMs: 5_000 })).rejects.toMatchObject({ code: 'orchestrator/unreachable' });
    expect(api.requests.length).toBeGreaterThan(3);
  });

  it('treats a silent connection as broken', async () => {
    api.answer(ROUTE, answerEvents([output(0, 'a')], 'stay'), answerEvents([end]));
    const following = client.followOutput('r1');
    const kinds: (string | undefined)[] = [(await following.next()).value?.kind];
    const broken = following.next();
    while (clock.waitingTimers === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(46_000);
    kinds.push((await broken).value?.kind);
    const ended = following.next();
    await clock.advance(1000);
    kinds.push((await ended).value?.kind);
    expect(kinds).toEqual(['output', 'reconnecting', 'end']);
  });

  it('stops at once when aborted, connected or not', async () => {
    for (const answer of [answerEvents([], 'stay'), answerNothing]) {
      api.answer(ROUTE, answer);
      const abort = new AbortController();
      const following = client.followOutput('r1', { signal: abort.signal });
      const next = (async () => {
        for await (const event of following) if (event.kind === 'end') return 'ended';
        return 'closed';
      })();
      while (api.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
      abort.abort(new Error('interrupted'));
      await expect(next).rejects.toThrow('interrupted');
      api.requests.length = 0;
    }
  });

  it('says so when a page answers in place of the stream', async () => {
    api.answer(ROUTE, answerText('<html>', 'text/html'));
    await expect(follow({ giveUpAfterMs: 0 })).rejects.toMatchObject({ code: 'orchestrator/unreachable' });
  });
});
