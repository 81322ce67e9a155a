import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { ServerResponse } from 'node:http';
import type { AgentId } from '@scriptmesh/contracts';
import type { Timer } from '@scriptmesh/runtime';
import { BrokenProxy, MovedClock } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentAddress, SendVerdict } from '../agent-link.js';
import { encodeFrames, FRAMES_CONTENT_TYPE } from '../frames/frame-list.js';
import { HttpAgentLink } from './http-agent-link.js';
import { HttpOrchestratorLink } from './http-orchestrator-link.js';
import { NodePostClient } from './node-post-client.js';
import type { PostClient } from './post-client.js';
import { FrameDoor } from './test-support/frame-door.js';

const agentId = '019b7600-0000-7000-8000-000000000001' as AgentId;
const frames = [Buffer.from('offer')];
const good = encodeFrames([Buffer.from('answer')]);

/** Lets a test wait until the link has seen the head of an answer: it then asks for a second timer. */
class CountingClock extends MovedClock {
  asked = 0;
  override after(delayMs: number, work: () => void): Timer {
    this.asked += 1;
    return super.after(delayMs, work);
  }
  async untilAsked(count: number): Promise<void> {
    while (this.asked < count) await new Promise((resolve) => setImmediate(resolve));
  }
}

const CLIENTS: Readonly<Record<string, () => PostClient | undefined>> = {
  undici: () => undefined,
  'the client of Node': () => new NodePostClient(16, 3000),
};

describe.each(Object.entries(CLIENTS))('the verdict on a message over http, carried by %s', (_name, newClient) => {
  let door: FrameDoor;
  let clock: CountingClock;
  let link: HttpAgentLink;
  let answers: number;
  const closing: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    answers = 0;
    clock = new CountingClock();
    door = await FrameDoor.start();
    link = new HttpAgentLink({ clock, timeoutMs: 3000, maxBytes: 100_000, client: newClient() });
    link.onFrames(async () => ((answers += 1), []));
    closing.push(
      () => link.close(),
      () => door.stop(),
    );
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  const to = (url: string): AgentAddress => ({ agentId, url, key: 'k' });
  const send = (url = door.url): Promise<SendVerdict> => link.send(to(url), frames);

  async function tcpServer(onSocket: (socket: Socket) => void): Promise<string> {
    const sockets = new Set<Socket>();
    const server: Server = createTcpServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      onSocket(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Moves the clock by one timeout as soon as the request is at the other side. */
  async function sendAndTimeOut(arrived: Promise<unknown>, url?: string): Promise<SendVerdict> {
    const verdict = send(url);
    await arrived;
    await clock.advance(3001);
    return verdict;
  }

  it.each([
    [401, 'not-sent'],
    [404, 'not-sent'],
    [405, 'not-sent'],
    [413, 'not-sent'],
    [400, 'unknown'],
    [403, 'unknown'],
    [409, 'unknown'],
    [429, 'unknown'],
    [500, 'unknown'],
    [502, 'unknown'],
    [503, 'unknown'],
    [201, 'unknown'],
    [204, 'unknown'],
    [304, 'unknown'],
  ] as const)('is for status %i: %s', async (status, verdict) => {
    door.onPost(async () => status);
    expect(await send()).toBe(verdict);
    expect(door.requests).toBe(1);
  });

  it.each([301, 302, 303, 307, 308])('is unknown for a redirect %i, which is not followed', async (status) => {
    const elsewhere = await FrameDoor.start();
    closing.push(() => elsewhere.stop());
    door.onPost(async (_request, _body, response) => {
      response.writeHead(status, { location: `${elsewhere.url}/api/v1/frames` }).end();
      return undefined;
    });
    expect(await send()).toBe('unknown');
    expect([door.requests, elsewhere.requests]).toEqual([1, 0]);
  });

  it.each([
    [
      'another content type',
      (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
    ],
    ['a body that is no list', (response: ServerResponse) => framesHead(response).end('{"__proto__":{"x":1}}')],
    ['a list cut short', (response: ServerResponse) => framesHead(response).end(good.subarray(0, -1))],
    [
      'packed bytes',
      (response: ServerResponse) =>
        framesHead(response, { 'content-encoding': 'gzip' }).end(Buffer.from('1f8b0800', 'hex')),
    ],
    [
      'less than it promised',
      (response: ServerResponse) =>
        void framesHead(response, { 'content-length': 900 }).write(good, () => response.destroy()),
    ],
  ])('is unknown for an answer with %s', async (_what, write) => {
    door.onPost(async (_request, _body, response) => (write(response), undefined));
    expect(await send()).toBe('unknown');
    expect([door.requests, answers]).toEqual([1, 0]);
  });

  const framesHead = (response: ServerResponse, headers: Record<string, string | number> = {}): ServerResponse =>
    response.writeHead(200, { 'content-type': FRAMES_CONTENT_TYPE, ...headers });

  it('is unknown for an answer without end, of which no more than the limit is read', async () => {
    let written = 0;
    const closed = new Promise((resolve) => {
      door.onPost(async (_request, _body, response) => {
        response.on('close', resolve);
        framesHead(response);
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536))) written += 65_536;
          response.once('drain', more);
        };
        more();
        return undefined;
      });
    });
    expect(await send()).toBe('unknown');
    await closed;
    // What the sockets of both sides buffer comes on top of the limit of 100 000 bytes.
    expect(written).toBeLessThan(20_000_000);
  });

  it('is unknown for a refusal whose body has no end', async () => {
    const closed = new Promise((resolve) => {
      door.onPost(async (_request, _body, response) => {
        response.on('close', resolve);
        response.writeHead(500).write('and so on');
        return undefined;
      });
    });
    expect(await send()).toBe('unknown');
    await closed;
  });

  it('is unknown when no answer comes in time', async () => {
    const arrived = new Promise<void>((resolve) => door.onPost(async () => (resolve(), undefined)));
    expect(await sendAndTimeOut(arrived)).toBe('unknown');
    expect(door.requests).toBe(1);
  });

  it('is unknown when the answer begins but does not end in time', async () => {
    door.onPost(async (_request, _body, response) => void framesHead(response).write(good.subarray(0, 1)));
    const verdict = send();
    await clock.untilAsked(2);
    await clock.advance(5999);
    expect(clock.waitingTimers).toBe(1);
    await clock.advance(1);
    expect(await verdict).toBe('unknown');
  });

  it('is unknown when the head of the answer comes a byte at a time', async () => {
    const proxy = await BrokenProxy.start({ targetPort: door.port, slowByteMs: 1 });
    closing.push(() => proxy.stop());
    await proxy.become('slow');
    const arrived = new Promise<void>((resolve) => door.onPost(async () => (resolve(), good)));
    expect(await sendAndTimeOut(arrived, proxy.url)).toBe('unknown');
  });

  it('is unknown when the connection opens and nothing ever moves', async () => {
    let opened = (): void => {};
    const arrived = new Promise<void>((resolve) => (opened = resolve));
    const url = await tcpServer((socket) => void socket.once('data', opened));
    expect(await sendAndTimeOut(arrived, url)).toBe('unknown');
  });

  it.each([
    'not HTTP at all\r\n\r\n',
    'HTTP/1.1 999999 X\r\n\r\n',
    `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
  ])('is unknown for an answer that is no HTTP (%#)', async (text) => {
    const url = await tcpServer((socket) => void socket.once('data', () => socket.write(text)));
    expect(await send(url)).toBe('unknown');
  });

  it('is unknown when the connection is closed without an answer', async () => {
    const url = await tcpServer((socket) => void socket.once('data', () => socket.end()));
    expect(await send(url)).toBe('unknown');
  });

  it('is sent when an idle connection was closed by the other side in good order', async () => {
    expect(await send()).toBe('sent');
    await door.closeIdle();
    expect(await send()).toBe('sent');
    expect(door.requests).toBe(2);
  });

  it('is not-sent when nobody listens', async () => {
    const proxy = await BrokenProxy.start({ targetPort: door.port });
    await proxy.stop();
    expect(await send(proxy.url)).toBe('not-sent');
  });

  it('is not-sent when TLS fails', async () => {
    const url = await tcpServer((socket) => void socket.once('data', () => socket.end('no TLS here')));
    expect(await send(url.replace('http:', 'https:'))).toBe('not-sent');
    expect(await send(door.url.replace('http:', 'https:'))).toBe('not-sent');
    expect(door.requests).toBe(0);
  });

  it('is not-sent when TLS never gets anywhere', async () => {
    let opened = (): void => {};
    const arrived = new Promise<void>((resolve) => (opened = resolve));
    const url = await tcpServer((socket) => void socket.once('data', opened));
    expect(await sendAndTimeOut(arrived, url.replace('http:', 'https:'))).toBe('not-sent');
  });

  it('is not-sent when the name does not resolve', async () => {
    const lost = new HttpAgentLink({
      clock,
      resolveName: (hostname, _options, callback) =>
        callback(Object.assign(new Error(hostname), { code: 'ENOTFOUND' }), []),
    });
    closing.push(() => lost.close());
    expect(await lost.send(to('http://node.invalid:5001'), frames)).toBe('not-sent');
  });

  it.each(['', 'nonsense', 'ftp://127.0.0.1/', 'http://', 'http://127.0.0.1:99999'])(
    'is not-sent for the url "%s"',
    async (url) => {
      expect(await send(url)).toBe('not-sent');
    },
  );

  it('is not-sent without a url', async () => {
    expect(await link.send({ agentId, url: null, key: 'k' }, frames)).toBe('not-sent');
  });

  it('is not-sent for a key that cannot stand in a header, and the key does not leave', async () => {
    expect(await link.send({ agentId, url: door.url, key: 'a\r\nx-evil: 1' }, frames)).toBe('not-sent');
    expect(door.requests).toBe(0);
  });

  it('is not-sent for a message that still waits for a free connection when its time is over', async () => {
    door.onPost(async (_request, _body, response) => void framesHead(response).write(good.subarray(0, 1)));
    const busy = Promise.all(Array.from({ length: 16 }, () => send()));
    await clock.untilAsked(32);
    const waiting = [send(), send()];
    await clock.advance(3000);
    expect(await Promise.all(waiting)).toEqual(['not-sent', 'not-sent']);
    door.onPost(async () => good);
    await clock.advance(3000);
    expect(new Set(await busy)).toEqual(new Set(['unknown']));
    // The connections are free now, and what was given up must not be sent on them behind our back.
    expect(await send()).toBe('sent');
    expect(door.requests).toBe(17);
  });

  it('leaves no timer behind', async () => {
    expect(await send()).toBe('sent');
    door.onPost(async () => 500);
    await send();
    await send('http://127.0.0.1:1');
    expect(clock.waitingTimers).toBe(0);
  });

  it('sends the key, the id of the agent and the content type, under the path of its url', async () => {
    let seen = {};
    door.onPost(async ({ url, method, headers }) => {
      seen = {
        url,
        method,
        key: headers['x-api-key'],
        agent: headers['x-scriptmesh-agent'],
        type: headers['content-type'],
      };
      return good;
    });
    expect(await send(`${door.url}/nodes/a`)).toBe('sent');
    const type = 'application/vnd.scriptmesh.frames';
    expect(seen).toEqual({ url: '/nodes/a/api/v1/frames', method: 'POST', key: 'k', agent: agentId, type });
  });

  it('is for the agent not-sent with 401, 403 and 404, and the agent is told that it is forgotten', async () => {
    const own = new HttpOrchestratorLink({ clock, orchestratorUrl: door.url });
    closing.push(() => own.close());
    let forgotten = 0;
    own.onForgotten(() => (forgotten += 1));
    const seen: [number, SendVerdict, number][] = [];
    for (const status of [401, 403, 404, 405, 413, 500, 503, 302]) {
      door.onPost(async () => status);
      seen.push([status, await own.send({ agentId, key: 'k' }, frames), forgotten]);
    }
    expect(seen).toEqual([
      [401, 'not-sent', 1],
      [403, 'not-sent', 2],
      [404, 'not-sent', 3],
      [405, 'not-sent', 3],
      [413, 'not-sent', 3],
      [500, 'unknown', 3],
      [503, 'unknown', 3],
      [302, 'unknown', 3],
    ]);
  });
});
