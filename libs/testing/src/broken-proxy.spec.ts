import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BrokenProxy } from './broken-proxy.js';
import { MovedClock } from './moved-clock.js';

describe('a broken proxy', () => {
  let target: Server;
  let proxy: BrokenProxy;
  let bodies: string[];
  let clock: MovedClock;

  beforeEach(async () => {
    bodies = [];
    clock = new MovedClock();
    target = createServer((incoming, response) => {
      let body = '';
      incoming
        .on('data', (bytes) => (body += bytes))
        .on('end', () => {
          bodies.push(body);
          response.end('pong');
        });
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    proxy = await BrokenProxy.start({ targetPort: (target.address() as AddressInfo).port, clock });
  });
  afterEach(async () => {
    await proxy.stop();
    expect(proxy.openConnections).toBe(0);
    await new Promise((resolve) => target.close(resolve));
  });

  const ask = (body = 'ping'): Promise<string> =>
    new Promise((resolve) => {
      const sending = request(proxy.url, { method: 'POST', agent: false }, (response) => {
        let text = '';
        response.on('data', (bytes) => (text += bytes)).on('end', () => resolve(text));
        response.on('error', (error: NodeJS.ErrnoException) => resolve(`cut: ${error.code}`));
      });
      sending.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      sending.end(body);
    });

  it('passes everything on, large bodies too', async () => {
    const large = 'x'.repeat(3_000_000);
    expect(await ask(large)).toBe('pong');
    expect(bodies[0]?.length).toBe(3_000_000);
  });

  it('refuses, and listens again on the same port', async () => {
    await proxy.become('refuse');
    expect(await ask()).toBe('ECONNREFUSED');
    await proxy.become('pass');
    expect(await ask()).toBe('pong');
    expect(bodies).toHaveLength(1);
  });

  it('resets before the target has seen anything', async () => {
    await proxy.become('resetBefore');
    expect(await ask()).toBe('ECONNRESET');
    expect(bodies).toEqual([]);
  });

  it('resets after the target has had the whole request, without its answer', async () => {
    await proxy.become('resetAfterRequest');
    const large = 'x'.repeat(1_000_000);
    expect(await ask(large)).toBe('ECONNRESET');
    expect(bodies).toEqual([large]);
  });

  it('opens and then moves nothing', async () => {
    await proxy.become('halfOpen');
    const answer = ask();
    while (proxy.accepted === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(bodies).toEqual([]);
    await proxy.become('refuse');
    expect(await answer).toBe('ECONNRESET');
  });

  it('lets answers through a byte at a time', async () => {
    await proxy.become('slow');
    const answers: string[] = [];
    void ask().then((text) => answers.push(text));
    while (clock.waitingTimers === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(1000);
    expect(answers).toEqual([]);
    while (answers.length === 0) await clock.advance(100);
    expect(answers).toEqual(['pong']);
    expect(clock.monotonicMs()).toBeGreaterThan(5000);
  });

  it('resets its caller when the target refuses', async () => {
    await new Promise((resolve) => target.close(resolve));
    expect(await ask()).toBe('ECONNRESET');
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  });
});
