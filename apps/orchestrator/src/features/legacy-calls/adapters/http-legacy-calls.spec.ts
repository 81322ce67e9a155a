import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AgentId } from '@scriptmesh/contracts';
import { BrokenProxy, MovedClock } from '@scriptmesh/testing';
import { AddressPolicy } from '@scriptmesh/transport';
import { afterEach, describe, expect, it } from 'vitest';
import { someSettings } from '../../../test-support/surroundings.js';
import type { Agent, AgentCredentials } from '../../registry/index.js';
import { HttpLegacyCalls } from './http-legacy-calls.js';

const KEY = 'short-key';
const credentials = { getCredential: () => Promise.resolve({ key: KEY }) } as unknown as AgentCredentials;

describe('calls to agents of ScriptMesh 0.2', () => {
  const clock = new MovedClock();
  const calls = new HttpLegacyCalls(credentials, new AddressPolicy(), clock, someSettings());
  let server: Server | undefined;

  const serve = async (listener: RequestListener): Promise<Agent> => {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return at((server.address() as AddressInfo).port);
  };
  const at = (port: number, host = '127.0.0.1'): Agent =>
    ({ id: 'a' as AgentId, name: 'old', url: `http://${host}:${port}` }) as Agent;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  it('sends the key and the name of the script, on a new connection each time', async () => {
    const seen: unknown[] = [];
    const ports = new Set<number | undefined>();
    const agent = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        seen.push([request.method, request.url, request.headers['x-api-key'], body]);
        response.end('{"a":1}');
      });
    });
    expect(await calls.runScript(agent, 'hello', 1000).answer).toEqual({
      kind: 'answered',
      status: 200,
      body: '{"a":1}',
    });
    await calls.heartbeat(agent);
    await calls.getScripts(agent);
    expect(seen).toEqual([
      ['POST', '/run-script', KEY, '{"script_name":"hello"}'],
      ['GET', '/heartbeat', KEY, ''],
      ['GET', '/get-scripts', KEY, ''],
    ]);
    expect(ports.size).toBe(3);
  });

  it('follows no redirect (B6)', async () => {
    let requests = 0;
    const agent = await serve((_, response) => {
      requests += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect(await calls.heartbeat(agent)).toMatchObject({ kind: 'answered', status: 302 });
    expect(requests).toBe(1);
  });

  it('proves with a refused connection that nothing was sent', async () => {
    const agent = await serve(() => {});
    await new Promise((resolve) => server?.close(resolve));
    const call = calls.runScript(agent, 's', 1000);
    expect(await call.left).toBe(false);
    expect(await call.answer).toMatchObject({ kind: 'not-sent', why: expect.stringContaining('ECONNREFUSED') });
  });

  it('does not know what became of a call whose connection broke after the request', async () => {
    const agent = await serve((request) => request.socket.destroy());
    const call = calls.runScript(agent, 's', 1000);
    expect(await call.left).toBe(true);
    expect(await call.answer).toMatchObject({ kind: 'unknown' });
  });

  it('gives up when the time is over, and tells what is known (B7)', async () => {
    let arrived = (): void => {};
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    const agent = await serve(() => arrived());
    const call = calls.runScript(agent, 's', 5000);
    await arrival;
    await clock.advance(5001);
    expect(await call.answer).toEqual({ kind: 'unknown', why: 'no answer within 5 s' });
  });

  it('takes no answer without an end (B7)', async () => {
    const agent = await serve((_, response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(256 * 1024)));
      };
      response.on('drain', more);
      more();
    });
    expect(await calls.getScripts(agent)).toEqual({ kind: 'unknown', why: 'the answer is over 1048576 bytes' });
  });

  it('dials no metadata address (B5)', async () => {
    expect(await calls.heartbeat(at(80, '169.254.169.254'))).toMatchObject({ kind: 'not-sent' });
  });

  it('speaks through a half-open connection only as long as it may', async () => {
    const proxy = await BrokenProxy.start({ targetPort: 9 });
    proxy.become('halfOpen');
    const call = calls.runScript(at(proxy.port), 's', 2000);
    await call.left;
    await clock.advance(2001);
    expect(await call.answer).toMatchObject({ kind: 'unknown' });
    await proxy.stop();
  });
});
