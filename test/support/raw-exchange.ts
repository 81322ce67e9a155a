import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** Everything that comes back for these bytes until the other side closes. */
export function rawExchange(socket: Duplex, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (piece: Buffer) => (text += piece.toString('latin1')));
    // A reset is how a server may well end such a conversation.
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(text));
    socket.write(Buffer.from(bytes, 'latin1'));
  });
}

export const dialPlain = (url: string): Duplex => connect(Number(new URL(url).port), new URL(url).hostname);

/** The status of each answer on one connection. */
export const statusesOf = (text: string): readonly number[] =>
  [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status));
