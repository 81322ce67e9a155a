import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenFile } from './data-folder.js';
import { FileSender } from './file-sender.js';

const PIECE = Buffer.alloc(256 * 1024);
const PIECES = 2048;

/** Counts the pieces that were asked for; may run short after some. */
class CountedFile implements OpenFile {
  readonly name = 'x';
  readonly bytes = PIECES * PIECE.length;
  readonly version = 'v';
  pieces = 0;

  constructor(private readonly shortAfter = PIECES) {}

  async *read(): AsyncGenerator<Uint8Array> {
    for (; this.pieces < PIECES; this.pieces += 1) {
      if (this.pieces === this.shortAfter) throw new Error('became shorter');
      yield PIECE;
    }
  }
  async close(): Promise<void> {}
}

describe('FileSender', () => {
  let server: Server;
  let file: CountedFile;
  let outcome: Promise<unknown>;
  beforeEach(async () => {
    const app = express();
    app.get('/', (request, response) => {
      outcome = new FileSender().send(file, request, response).catch((error: unknown) => error);
    });
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const ask = () =>
    new Promise<IncomingMessage>((resolve, reject) => {
      get({ port: (server.address() as AddressInfo).port, agent: false }, resolve).once('error', reject);
    });

  it('reads no further than a caller takes', async () => {
    file = new CountedFile();
    const answer = await ask();
    for (let turns = 0; turns < 5000; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(file.pieces).toBeLessThan(PIECES / 4);
    let length = 0;
    for await (const part of answer as AsyncIterable<Buffer>) length += part.length;
    expect(length).toBe(file.bytes);
    expect(await outcome).toBeUndefined();
  });

  it('breaks an answer that it cannot complete, so that nobody takes it for whole', async () => {
    file = new CountedFile(3);
    const answer = await ask();
    const reading = (async () => {
      for await (const part of answer) void part;
    })();
    await expect(reading).rejects.toThrow('aborted');
    expect(await outcome).toMatchObject({ message: 'became shorter' });
  });
});
