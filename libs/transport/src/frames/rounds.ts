/**
 * Sends frames and goes on while frames come back: what the handler makes of an answer is posted in its turn.
 * So one POST of either side drains what waits on both.
 */
import { isMeshError, MeshError } from '@scriptmesh/contracts';
import type { Frame } from '@scriptmesh/crypto';
import type { Logger } from '@scriptmesh/logging';
import type { Posted } from './posted.js';
import { decodeFrames, encodeFrames, fitIntoOneList, splitFrames, type FrameListLimits } from './frame-list.js';

/** Two sides that answer each other for ever must not keep one `send` busy for ever. */
const MAX_ROUNDS = 100;

/** What takes in the frames of the other side. */
export interface Door {
  handle(frames: readonly Frame[]): Promise<readonly Frame[]>;
  readonly limits: FrameListLimits;
  readonly logger: Logger | undefined;
}

export interface RoundTrip extends Door {
  /** Takes frames that fit into one list. */
  post(frames: readonly Frame[]): Promise<Posted>;
}

/** Never rejects. The outcome is that of the frames given; whatever later rounds lose is sent again by its owner. */
export async function sendInRounds(frames: readonly Frame[], trip: RoundTrip): Promise<Posted> {
  const first = await postAll(frames, trip);
  let { answer } = first;
  for (let round = 1; answer.length > 0; round++) {
    const next = await handleSafely(answer, trip);
    if (next.length === 0) break;
    if (round === MAX_ROUNDS) {
      trip.logger?.warn('transport.rounds-cut', { rounds: MAX_ROUNDS, framesDropped: next.length });
      break;
    }
    ({ answer } = await postAll(next, trip));
  }
  return first;
}

/** Posts list after list, so that order is kept, and stops at the first that fails. */
async function postAll(frames: readonly Frame[], trip: RoundTrip): Promise<Posted> {
  const lists = splitSafely(frames, trip);
  if (!lists) return { verdict: 'not-sent', status: null, why: 'a frame is too large', answer: [] };
  const answer: Frame[] = [];
  let sent = 0;
  for (const list of lists) {
    const posted = await trip.post(list);
    answer.push(...posted.answer);
    // A part of the frames has arrived: that nothing did can no longer be said.
    if (posted.verdict !== 'sent') return { ...posted, verdict: sent > 0 ? 'unknown' : posted.verdict, answer };
    sent += 1;
  }
  return { verdict: 'sent', status: 200, why: '', answer };
}

function splitSafely(frames: readonly Frame[], trip: RoundTrip): Frame[][] | undefined {
  try {
    return splitFrames(frames, trip.limits);
  } catch (error) {
    trip.logger?.error('transport.frame-too-large', { error });
    return undefined;
  }
}

async function handleSafely(answer: readonly Frame[], trip: RoundTrip): Promise<readonly Frame[]> {
  try {
    return await trip.handle(answer);
  } catch (error) {
    trip.logger?.warn('transport.answer-refused', { frames: answer.length, error });
    return [];
  }
}

/** The statuses with which a door turns a message away unread; a sender takes them as proof that nothing arrived. */
export const DOOR_STATUSES: ReadonlySet<number> = new Set([401, 404, 405, 413]);

/**
 * The door's half: reads the body of a request, has it handled and writes the body of the answer.
 * @throws MeshError request/too-large or message/malformed for a bad body, and whatever the handler throws
 */
export async function answerFrames(body: Uint8Array, door: Door): Promise<Uint8Array> {
  const frames = decodeFrames(body, door.limits);
  const answer = await door.handle(frames).catch((error: unknown) => {
    throw withoutProof(error);
  });
  const kept = fitIntoOneList(answer, door.limits);
  if (kept.length < answer.length) {
    door.logger?.warn('transport.answer-cut', { framesDropped: answer.length - kept.length });
  }
  return encodeFrames(kept);
}

/**
 * A handler may fail half-way through a list. Were its 404 passed on as it is, the sender would take it as proof that
 * nothing arrived, and offer a run elsewhere that was started here.
 */
function withoutProof(error: unknown): unknown {
  if (!isMeshError(error) || !DOOR_STATUSES.has(error.status)) return error;
  return new MeshError('message/malformed', `the message was refused: ${error.detail}`, {
    cause: error,
    hint: error.hint,
  });
}
