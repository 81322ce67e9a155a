import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isMeshError } from '@scriptmesh/contracts';
import { readApiKey } from './read-api-key.js';

const KEY = 'k'.repeat(43);

describe('readApiKey', () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer((message, answer) => answer.end(JSON.stringify(describeKey(() => readApiKey(message)))));
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  /** What is read when these header lines really come over a socket. */
  const read = (path: string, ...headers: readonly (readonly [string, string])[]) =>
    new Promise<unknown>((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const sent = request({
        host: '127.0.0.1',
        port,
        path,
        headers: ['host', 'test', ...headers.flat()],
        agent: false,
      });
      sent.on('response', (answer) => {
        let text = '';
        answer.on('data', (data: Buffer) => (text += data.toString()));
        answer.on('end', () => resolve(JSON.parse(text)));
      });
      sent.on('error', reject);
      sent.end();
    });

  it('reads the one header, whatever the case of its name', async () => {
    expect(await read('/', ['X-API-Key', KEY])).toEqual({ key: KEY });
  });

  it('finds none in query, cookie or authorization', async () => {
    const answer = await read(
      `/?x-api-key=${KEY}&api_key=${KEY}`,
      ['cookie', `x-api-key=${KEY}`],
      ['authorization', `Bearer ${KEY}`],
    );
    expect(answer).toEqual({ key: null });
  });

  it.each(['', ' ', '\t'])('takes a header of %j for none', async (blank) => {
    expect(await read('/', ['x-api-key', blank])).toEqual({ key: null });
  });

  it('refuses two headers even if both are right', async () => {
    expect(await read('/', ['x-api-key', KEY], ['X-Api-Key', KEY])).toEqual({ code: 'auth/ambiguous-key' });
  });

  it('refuses two headers of which one is empty', async () => {
    expect(await read('/', ['x-api-key', KEY], ['x-api-key', ''])).toEqual({ code: 'auth/ambiguous-key' });
  });

  it('reads a key of 8 kB as it is', async () => {
    expect(await read('/', ['x-api-key', 'x'.repeat(8192)])).toEqual({ key: 'x'.repeat(8192) });
  });
});

function describeKey(work: () => string | undefined): object {
  try {
    return { key: work() ?? null };
  } catch (error) {
    return { code: isMeshError(error) ? error.code : String(error) };
  }
}
