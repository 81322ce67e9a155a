/**
 * A transport's message as bytes (over HTTP the body): a list of frames, each as `u32 big-endian length | frame`.
 * No bytes are an empty list. It bounds lists and splits long ones; what a frame says is not looked at.
 */
import { MeshError } from '@scriptmesh/contracts';
import type { Frame } from '@scriptmesh/crypto';

export const FRAMES_CONTENT_TYPE = 'application/vnd.scriptmesh.frames';

export interface FrameListLimits {
  /** Of the whole body, lengths included. */
  readonly maxBytes: number;
  readonly maxFrames: number;
  /** Of one frame. */
  readonly maxFrameBytes: number;
}

export const FRAME_LIST_LIMITS: FrameListLimits = {
  maxBytes: 8 * 1024 * 1024,
  maxFrames: 1000,
  maxFrameBytes: 4 * 1024 * 1024,
};

const LENGTH_BYTES = 4;

/** Does not check the bounds: pass what `splitFrames` or `fitIntoOneList` gave. */
export function encodeFrames(frames: readonly Frame[]): Buffer {
  const body = Buffer.allocUnsafe(frames.reduce((sum, frame) => sum + LENGTH_BYTES + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    at = body.writeUInt32BE(frame.length, at);
    body.set(frame, at);
    at += frame.length;
  }
  return body;
}

/**
 * The frames are views into `body`, not copies.
 * @throws MeshError request/too-large, message/malformed
 */
export function decodeFrames(body: Uint8Array, limits: FrameListLimits = FRAME_LIST_LIMITS): Frame[] {
  if (body.length > limits.maxBytes)
    throw tooLarge(`a list of frames of ${body.length} bytes`, `${limits.maxBytes} bytes`);
  const view = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const frames: Frame[] = [];
  for (let at = 0; at < view.length;) {
    if (frames.length === limits.maxFrames) throw tooLarge('a list of frames', `${limits.maxFrames} frames`);
    const end = endOfFrame(view, at, limits);
    frames.push(view.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return frames;
}

function endOfFrame(view: Buffer, at: number, limits: FrameListLimits): number {
  if (at + LENGTH_BYTES > view.length) throw malformed(`${view.length - at} stray bytes at its end`);
  const length = view.readUInt32BE(at);
  if (length === 0) throw malformed('an empty frame');
  if (length > limits.maxFrameBytes) throw tooLarge(`a frame of ${length} bytes`, `${limits.maxFrameBytes} bytes`);
  const end = at + LENGTH_BYTES + length;
  if (end > view.length)
    throw malformed(`a frame of ${length} bytes of which only ${view.length - at - LENGTH_BYTES} are there`);
  return end;
}

/**
 * Splits into lists that fit the bounds, in order; no frames make one empty list.
 * @throws MeshError request/too-large when one frame alone does not fit
 */
export function splitFrames(frames: readonly Frame[], limits: FrameListLimits = FRAME_LIST_LIMITS): Frame[][] {
  const lists: Frame[][] = [];
  for (let rest = frames; rest.length > 0 || lists.length === 0;) {
    const list = fitIntoOneList(rest, limits);
    const next = rest[list.length];
    if (list.length === 0 && next) throw tooLarge(`a frame of ${next.length} bytes`, `${limits.maxFrameBytes} bytes`);
    lists.push(list);
    rest = rest.slice(list.length);
  }
  return lists;
}

/** As many frames from the start as one list may hold. */
export function fitIntoOneList(frames: readonly Frame[], limits: FrameListLimits = FRAME_LIST_LIMITS): Frame[] {
  const list: Frame[] = [];
  let bytes = 0;
  for (const frame of frames) {
    bytes += LENGTH_BYTES + frame.length;
    if (frame.length > limits.maxFrameBytes || bytes > limits.maxBytes || list.length === limits.maxFrames) break;
    list.push(frame);
  }
  return list;
}

const malformed = (what: string): MeshError => new MeshError('message/malformed', `a list of frames has ${what}`);
const tooLarge = (what: string, limit: string): MeshError =>
  new MeshError('request/too-large', `${what} is over the limit of ${limit}`, {
    hint: 'Send fewer or smaller frames in one message.',
  });
