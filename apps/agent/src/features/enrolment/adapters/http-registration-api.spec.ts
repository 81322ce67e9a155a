import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Registration, RegistrationAnswer } from '../registration-api.js';
import { HttpRegistrationApi } from './http-registration-api.js';

const ID = '019b7600-0000-7000-8000-000000000001';
const REGISTRATION: Registration = { name: 'a', url: 'http://a', key: 'own', transport: 'http', labels: {}, facts: {} };

describe('registration over http', () => {
  let server: Server | undefined;
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  });
  const askServer = async (
    handle: (request: IncomingMessage, response: ServerResponse) => void,
    timeoutMs = 1000,
    registration = REGISTRATION,
  ): Promise<RegistrationAnswer> => {
    const opened = createServer(handle);
    server = opened;
    await new Promise<void>((resolve) => opened.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(opened.address() as AddressInfo).port}`;
    return new HttpRegistrationApi(url, null, timeoutMs).register(registration, 'main-key');
  };
  const askFor = (status: number, body: string): Promise<RegistrationAnswer> =>
    askServer((_, response) => response.writeHead(status).end(body));

  it('takes the id of a registration, new or repeated', async () => {
    expect(await askFor(201, JSON.stringify({ id: ID }))).toEqual({ kind: 'registered', agentId: ID });
    server?.close();
    expect(await askFor(200, JSON.stringify({ id: ID }))).toEqual({ kind: 'registered', agentId: ID });
  });

  it('tells a refused key from a refused agent, with the reason and what to do', async () => {
    expect(await askFor(401, '{"code":"auth/unauthorized","detail":"no"}')).toEqual({
      kind: 'key-refused',
      why: 'auth/unauthorized: no',
    });
    server?.close();
    const body = JSON.stringify({ code: 'agent/name-taken', detail: 'a\u001b[2J\nis taken', hint: 'Choose another.' });
    expect(await askFor(409, body)).toEqual({
      kind: 'refused',
      why: 'agent/name-taken: a [2J is taken',
      hint: 'Choose another.',
    });
  });

  it.each([
    [200, '<html>'],
    [200, '{"id":"../x"}'],
    [200, '{"__proto__":{"id":"x"}}'],
    [429, ''],
    [500, '{'],
  ])('takes status %i with the body %s for an orchestrator that cannot answer now', async (status, body) => {
    expect(await askFor(status, body)).toMatchObject({ kind: 'unreachable' });
  });

  it('falls back to /register-agent when the orchestrator has no other way, as 0.2 has', async () => {
    const seen: unknown[] = [];
    const answer = await askServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        seen.push([request.url, request.headers['x-api-key'], JSON.parse(body)]);
        if (request.url !== '/register-agent') return response.writeHead(404).end('{"detail":"Not Found"}');
        response.end('{"status":"registered","agent":"a"}');
      });
    });
    expect(answer).toEqual({ kind: 'registered-with-0.2' });
    expect(seen[1]).toEqual(['/register-agent', 'main-key', { agent_name: 'a', url: 'http://a', api_key: 'own' }]);
  });

  it('does not register with 0.2 an agent that has no address, and says what to do', async () => {
    const paths: (string | undefined)[] = [];
    const answer = await askServer(
      (request, response) => {
        paths.push(request.url);
        response.writeHead(404).end('{"detail":"Not Found"}');
      },
      1000,
      { ...REGISTRATION, url: null, transport: 'websocket' },
    );
    expect(answer).toMatchObject({ kind: 'refused', hint: expect.stringContaining('SCRIPT_MESH_TRANSPORT=http') });
    expect(paths).toEqual(['/api/v1/agents']);
  });

  it('does not take a 404 of ours, or of a proxy that knows neither route, for 0.2', async () => {
    expect(await askFor(404, '{"code":"route/not-found","detail":"x"}')).toMatchObject({ kind: 'refused' });
    server?.close();
    expect(await askFor(404, '<html>')).toMatchObject({ kind: 'refused' });
  });

  it('does not follow a redirect, and the key does not travel on', async () => {
    const paths: (string | undefined)[] = [];
    const answer = await askServer((request, response) => {
      paths.push(request.url);
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect(answer.kind).toBe('unreachable');
    expect(paths).toEqual(['/api/v1/agents']);
  });

  it('gives up on an endless answer, and on one that comes byte by byte or never', async () => {
    const endless = await askServer((_, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    expect(endless).toMatchObject({ kind: 'unreachable' });
    server?.closeAllConnections();
    server?.close();
    const startedMs = performance.now();
    const slow = await askServer((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    }, 100);
    expect(slow).toMatchObject({ kind: 'unreachable' });
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });
});
