/**
 * One message on a socket: `u8 kind | u32 big-endian number | body`. The body of `post` and `answer` is a list of frames,
 * that of `refused` an error code. An answer bears the number of its post; each side counts its own posts.
 */

export interface SocketMessage {
  readonly kind: 'post' | 'answer' | 'refused';
  readonly number: number;
  readonly body: Uint8Array;
}

const HEAD_BYTES = 5;
/** A kind's place is its number on the wire, beginning with 1; a place is never given away again. */
const KINDS = ['post', 'answer', 'refused'] as const;

/** Beyond the longest list of frames. */
export const MESSAGE_HEAD_BYTES = HEAD_BYTES;
export const HIGHEST_NUMBER = 0xffff_ffff;

export function encodeMessage({ kind, number, body }: SocketMessage): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + body.length);
  bytes.writeUInt8(KINDS.indexOf(kind) + 1, 0);
  bytes.writeUInt32BE(number, 1);
  bytes.set(body, HEAD_BYTES);
  return bytes;
}

/** @returns undefined for what is no message; the body is a view into `bytes` */
export function decodeMessage(bytes: Buffer): SocketMessage | undefined {
  if (bytes.length < HEAD_BYTES) return undefined;
  const kind = KINDS[bytes.readUInt8(0) - 1];
  return kind && { kind, number: bytes.readUInt32BE(1), body: bytes.subarray(HEAD_BYTES) };
}
