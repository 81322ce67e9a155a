import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MeshError } from '@scriptmesh/contracts';
import { SystemClock } from '@scriptmesh/runtime';
import {
  anAgentResource,
  answerJson,
  answerNothing,
  answerProblem,
  answerText,
  aRunResource,
  FakeApi,
} from '@scriptmesh/testing';
import { ApiClient } from './api-client.js';

const connect = (url: string, apiKey: string) => new ApiClient({ url, apiKey, clock: new SystemClock() });
const faultOf = async (asked: Promise<unknown>): Promise<MeshError> =>
  asked.then(
    () => expect.unreachable('should have failed'),
    (error: unknown) => error as MeshError,
  );

describe('ApiClient', () => {
  let api: FakeApi;
  let client: ApiClient;
  beforeEach(async () => {
    api = await FakeApi.start();
    client = connect(api.url, api.key);
  });
  afterEach(() => api.stop());

  it('asks for a run with what was given and nothing more', async () => {
    api.answer('POST /api/v1/runs', answerJson(aRunResource({ state: 'queued' }), 202));
    const run = await client.createRun(
      { agent: 'db-1', script: 'hello_world', params: { a: 'b' } },
      { idempotencyKey: 'once', waitSeconds: 3 },
    );
    expect(run.state).toBe('queued');
    const [seen] = api.requests;
    expect(seen?.body).toEqual({ agent: 'db-1', script: 'hello_world', params: { a: 'b' } });
    expect(seen?.headers).toMatchObject({ 'x-api-key': api.key, 'idempotency-key': 'once', prefer: 'wait=3' });
  });

  it('keeps the code, detail, hint, fields and request id of a problem', async () => {
    const errors = [{ path: 'params.a', message: 'must be a number' }];
    api.answer('POST /api/v1/runs', answerProblem('params/invalid', 'a is not a number', { errors, hint: 'Send 1.' }));
    const fault = await faultOf(client.createRun({ agent: 'a', script: 'b', params: {} }));
    expect(fault).toMatchObject({
      code: 'params/invalid',
      detail: 'a is not a number',
      hint: 'Send 1.',
      faults: errors,
    });
    expect(fault.facts).toMatchObject({ status: 422, requestId: 'req-1' });
  });

  it('understands the status of a code it does not know, and shows that code', async () => {
    api.answer('GET /api/v1/agents/x', answerProblem('agent/not-found', 'gone', { code: 'agent/retired' }));
    const fault = await faultOf(client.getAgent('x'));
    expect(fault.code).toBe('route/not-found');
    expect(fault.detail).toBe('agent/retired: gone');
  });

  it('goes through all pages of a list', async () => {
    api.answer(
      'GET /api/v1/agents',
      answerJson({ items: [anAgentResource({ name: 'a' })], next: 'c 2' }),
      answerJson({ items: [anAgentResource({ name: 'b' })], next: null }),
    );
    expect((await client.listAgents()).map((agent) => agent.name)).toEqual(['a', 'b']);
    expect(api.requests[1]?.url).toBe('/api/v1/agents?cursor=c+2');
  });

  it('encodes names, so that no name reaches another route', async () => {
    api.answer('GET /api/v1/agents/..%2Fruns%3Fx', answerJson(anAgentResource()));
    await client.getAgent('../runs?x');
    expect(api.requests[0]?.url).toBe('/api/v1/agents/..%2Fruns%3Fx');
  });

  it('removes and labels agents', async () => {
    api.answer('DELETE /api/v1/agents/db-1', (response) => void response.writeHead(204).end());
    api.answer('PATCH /api/v1/agents/db-1', answerJson(anAgentResource({ labels: { zone: 'eu' } })));
    await client.removeAgent('db-1');
    expect((await client.labelAgent('db-1', { zone: 'eu', role: null })).labels).toEqual({ zone: 'eu' });
    expect(api.requests[1]?.body).toEqual({ labels: { zone: 'eu', role: null } });
  });

  it('gives output byte for byte from an offset on', async () => {
    const bytes = Buffer.from([0, 255, 10, 0xc3]);
    api.answer('GET /api/v1/runs/r1/output', answerText(bytes, 'application/octet-stream'));
    expect(await outputOf({ stream: 'stderr', offset: 7 })).toEqual([bytes.toString('latin1')]);
    expect(api.requests[0]?.url).toBe('/api/v1/runs/r1/output?stream=stderr&offset=7');
  });

  /** Bytes as text, gaps as numbers. */
  async function outputOf(place: Parameters<typeof client.runOutput>[1]): Promise<(string | number)[]> {
    const parts: (string | number)[] = [];
    for await (const part of client.runOutput('r1', place))
      parts.push(part.kind === 'gap' ? part.missing : part.bytes.toString('latin1'));
    return parts;
  }
  const answerOutput = (text: string, headers: Record<string, string>) =>
    answerText(text, 'application/octet-stream', 200, headers);

  it('gives the end of a long output after what is missing before it', async () => {
    const first = answerOutput('head', { 'output-gap': '90', 'output-next-offset': '94', 'output-final': 'false' });
    const second = answerOutput('end', { 'output-next-offset': '97', 'output-final': 'true' });
    api.answer('GET /api/v1/runs/r1/output', first, second);
    expect(await outputOf({ stream: 'stdout' })).toEqual(['head', 90, 'end']);
    expect(api.requests.map(({ url }) => url)).toEqual([
      '/api/v1/runs/r1/output?stream=stdout',
      '/api/v1/runs/r1/output?stream=stdout&offset=94',
    ]);
  });

  it('tells of an end that was not kept, and asks no more', async () => {
    const place = { 'output-gap': '90', 'output-next-offset': '94', 'output-final': 'true' };
    api.answer('GET /api/v1/runs/r1/output', answerOutput('head', place));
    expect(await outputOf({ stream: 'stdout' })).toEqual(['head', 90]);
    expect(api.requests).toHaveLength(1);
  });

  it('does not go round in circles with what is no orchestrator', async () => {
    const place = { 'output-gap': '90', 'output-next-offset': '7', 'output-final': 'false' };
    api.answer('GET /api/v1/runs/r1/output', answerOutput('x', place));
    expect(await outputOf({ stream: 'stdout' })).toEqual(['x', 90, 'x', 90]);
  });

  it('says that a proxy answers when HTML comes back', async () => {
    api.answer('GET /api/v1/status', answerText('<html>Bad Gateway</html>', 'text/html', 502));
    const fault = await faultOf(client.status());
    expect(fault.code).toBe('orchestrator/unreachable');
    expect(fault.detail).toContain('answered 502 with an HTML page');
  });

  it('says so when HTML comes back with 200', async () => {
    api.answer('GET /api/v1/status', answerText('<html>Log in</html>', 'text/html'));
    expect(await faultOf(client.status())).toMatchObject({ code: 'orchestrator/unreachable' });
  });

  it('refuses JSON that no orchestrator sends', async () => {
    api.answer('GET /api/v1/runs', answerJson({ hello: 'world' }));
    expect(await faultOf(client.listRuns())).toMatchObject({ code: 'orchestrator/unreachable' });
  });

  it('follows no redirect, so that the key goes nowhere else', async () => {
    const other = await FakeApi.start();
    api.answer('GET /api/v1/status', answerText('', 'text/plain', 302, { location: `${other.url}/api/v1/status` }));
    const fault = await faultOf(client.status());
    expect(fault.code).toBe('orchestrator/unreachable');
    expect(fault.detail).toContain('redirects to');
    expect(other.requests).toHaveLength(0);
    await other.stop();
  });

  it('stops reading an answer that is too large', async () => {
    api.answer('GET /api/v1/status', answerText(Buffer.alloc(17 * 1024 * 1024, 32), 'application/json'));
    expect((await faultOf(client.status())).detail).toContain('larger than');
  });

  it('calls a bad key by its name', async () => {
    expect(await faultOf(connect(api.url, 'wrong').status())).toMatchObject({ code: 'auth/unauthorized' });
  });

  it('says that nothing listens there', async () => {
    const url = api.url;
    await api.stop();
    const fault = await faultOf(connect(url, 'k').status());
    expect(fault).toMatchObject({ code: 'orchestrator/unreachable' });
    expect(fault.detail).toBe(`the orchestrator at ${url} cannot be asked: nothing listens there (connection refused)`);
    api = await FakeApi.start();
  });

  it('says that the connection was cut', async () => {
    api.answer('GET /api/v1/status', answerNothing);
    expect((await faultOf(client.status())).detail).toContain('the connection was cut before an answer came');
  });

  it('explains https towards a plain port and a server that does not speak HTTP', async () => {
    expect((await faultOf(connect(api.url.replace('http:', 'https:'), 'k').status())).detail).toContain('TLS');
    const server: Server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end('220 mail ready\r\n'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = (server.address() as AddressInfo).port;
    expect((await faultOf(connect(`http://127.0.0.1:${port}`, 'k').status())).detail).toContain('does not speak HTTP');
    await new Promise((resolve) => server.close(resolve));
  });
});
