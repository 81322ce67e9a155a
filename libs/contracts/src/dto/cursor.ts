import { MeshError } from '../mesh-error.js';

const MOST_CHARACTERS = 512;

/** A cursor is opaque to callers: base64url of the position. */
export const encodeCursor = (position: string): string => Buffer.from(position, 'utf8').toString('base64url');

/** @throws MeshError request/malformed */
export function decodeCursor(cursor: string): string {
  const position = Buffer.from(cursor, 'base64url').toString('utf8');
  if (cursor.length > MOST_CHARACTERS || encodeCursor(position) !== cursor || position.includes('\u0000')) {
    throw new MeshError('request/malformed', 'the cursor is not one that a list gave', {
      faults: [{ path: 'cursor', message: 'is not one that a list gave' }],
    });
  }
  return position;
}
