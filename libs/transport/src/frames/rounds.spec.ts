import { MeshError } from '@scriptmesh/contracts';
import type { Frame } from '@scriptmesh/crypto';
import { describe, expect, it } from 'vitest';
import type { SendVerdict } from '../agent-link.js';
import { decodeFrames, encodeFrames, FRAME_LIST_LIMITS } from './frame-list.js';
import type { Posted } from './posted.js';
import { answerFrames, sendInRounds, type RoundTrip } from './rounds.js';

const limits = { ...FRAME_LIST_LIMITS, maxFrames: 2, maxFrameBytes: 10 };
const frames = (...texts: string[]): Frame[] => texts.map((text) => Buffer.from(text));
const textsOf = (list: readonly Frame[]): string => list.map((one) => Buffer.from(one).toString()).join(' ');

/** A way that answers list after list as told; `warnings` are the events logged. */
function aTrip(outcomes: readonly (readonly [SendVerdict, ...string[]])[], reply: readonly string[] = []) {
  const [posts, handled, warnings]: string[][] = [[], [], []];
  const log = (event: string): unknown => warnings?.push(event);
  const rest = [...outcomes];
  const trip: RoundTrip = {
    limits,
    logger: { debug() {}, info() {}, warn: log, error: log },
    post: async (list): Promise<Posted> => {
      posts?.push(textsOf(list));
      const [verdict, ...answer] = rest.length > 1 ? (rest.shift() ?? ['unknown']) : (rest[0] ?? ['unknown']);
      return { verdict, status: null, why: '', answer: frames(...answer) };
    },
    handle: async (list) => (handled?.push(textsOf(list)), frames(...reply)),
  };
  return { trip, posts, handled, warnings };
}

describe('sending in rounds', () => {
  it('stops at the first list that fails, and cannot say that nothing arrived once one has', async () => {
    const { trip, posts, handled } = aTrip([['sent', 'x'], ['not-sent']]);
    expect((await sendInRounds(frames('a', 'b', 'c', 'd', 'e'), trip)).verdict).toBe('unknown');
    expect(posts).toEqual(['a b', 'c d']);
    expect(handled).toEqual(['x']);
  });

  it('passes on the proof that nothing arrived when the first list fails', async () => {
    const { trip, posts } = aTrip([['not-sent']]);
    expect((await sendInRounds(frames('a', 'b', 'c'), trip)).verdict).toBe('not-sent');
    expect(posts).toEqual(['a b']);
  });

  it('keeps to the verdict of the frames given when a later round fails', async () => {
    const { trip, posts } = aTrip([['sent', 'x'], ['unknown']], ['y']);
    expect((await sendInRounds(frames('a'), trip)).verdict).toBe('sent');
    expect(posts).toEqual(['a', 'y']);
  });

  it('gives up after a hundred rounds, and says so', async () => {
    const { trip, posts, warnings } = aTrip([['sent', 'x']], ['y']);
    await sendInRounds(frames('a'), trip);
    expect(posts).toHaveLength(100);
    expect(warnings).toEqual(['transport.rounds-cut']);
  });

  it('posts nothing at all when one frame is too large', async () => {
    const { trip, posts, warnings } = aTrip([['sent']]);
    expect((await sendInRounds(frames('a', 'b', 'c', 'far too large'), trip)).verdict).toBe('not-sent');
    expect([posts, warnings]).toEqual([[], ['transport.frame-too-large']]);
  });
});

describe('answering at the door', () => {
  it('answers with as much as one list holds, and says what was left out', async () => {
    const { trip, warnings } = aTrip([], ['x', 'y', 'z']);
    expect(textsOf(decodeFrames(await answerFrames(encodeFrames(frames('a')), trip)))).toBe('x y');
    expect(warnings).toEqual(['transport.answer-cut']);
  });

  it('hands a bad list to nobody', async () => {
    const { trip, handled } = aTrip([]);
    await expect(answerFrames(Buffer.from('nonsense'), trip)).rejects.toMatchObject({ code: 'request/too-large' });
    await expect(answerFrames(Buffer.from([0]), trip)).rejects.toMatchObject({ code: 'message/malformed' });
    expect(handled).toEqual([]);
  });

  it('passes on the errors of the handler, except where they would read as proof that nothing arrived', async () => {
    const failing = (code: 'store/unavailable' | 'message/bad-mac') =>
      answerFrames(new Uint8Array(0), { ...aTrip([]).trip, handle: () => Promise.reject(new MeshError(code, 'why')) });
    await expect(failing('store/unavailable')).rejects.toMatchObject({ code: 'store/unavailable' });
    await expect(failing('message/bad-mac')).rejects.toMatchObject({
      status: 400,
      detail: 'the message was refused: why',
    });
  });
});
