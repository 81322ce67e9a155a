import type { Socket } from 'node:net';
import { LONGEST_LINE_BYTES } from './protocol.js';

/** Calls `take` with the JSON object of each line; a line that is too long, or that `take` cannot do with, ends the connection. */
export function readLines<T extends object>(socket: Socket, take: (message: T) => void): void {
  let parts: Buffer[] = [];
  let length = 0;
  const takeLine = (line: string): void => {
    try {
      const message = JSON.parse(line) as T | null;
      if (typeof message !== 'object' || message === null) throw new Error('a message is no object');
      take(message);
    } catch (error) {
      socket.destroy(error as Error);
    }
  };
  socket.on('data', (chunk: Buffer) => {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0 && !socket.destroyed; end = rest.indexOf(10)) {
      takeLine(Buffer.concat([...parts, rest.subarray(0, end)]).toString());
      parts = [];
      length = 0;
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) parts.push(rest);
    length += rest.length;
    if (length > LONGEST_LINE_BYTES) socket.destroy(new Error('a message is too long'));
  });
}
