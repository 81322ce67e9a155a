import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ErrorCode } from '@scriptmesh/contracts';
import { answerJson, answerProblem, answerText } from '@scriptmesh/testing';
import { CliBench } from '../../../test-support/cli-bench.js';

describe('scriptmesh api', () => {
  let cli: CliBench;
  beforeEach(async () => {
    cli = await CliBench.start();
    cli.api
      .answer('GET /api/v1/status', answerJson({ a: 1 }))
      .answer('POST /api/v1/runs', answerJson({ id: 'x' }, 202));
  });
  afterEach(() => cli.stop());

  it('prints the body as it came, with the query sent on', async () => {
    expect(await cli.run('api get /api/v1/status?a=1&b=%20')).toBe(0);
    expect(cli.terminal.outText).toBe('{"a":1}');
    expect(cli.api.requests[0]).toMatchObject({ method: 'GET', url: '/api/v1/status?a=1&b=%20' });
    expect(cli.api.requests[0]?.headers['x-api-key']).toBe(cli.api.key);
  });

  it('lays JSON out on a terminal and escapes what that would obey', async () => {
    cli.onTerminal();
    cli.api.answer('GET /api/v1/status', answerJson({ a: '\u202e' }), answerText('\u001b[31m\n', 'text/plain'));
    expect(await cli.run('api GET /api/v1/status')).toBe(0);
    expect(await cli.run('api GET /api/v1/status')).toBe(0);
    expect(cli.terminal.outText).toBe('{\n  "a": "\\u202e"\n}\n\\x1b[31m\n');
  });

  it('passes bytes as they are', async () => {
    const bytes = Buffer.from([0xff, 0, 10]);
    cli.api.answer('GET /api/v1/runs/r/output', answerText(bytes, 'application/octet-stream'));
    await cli.run('api GET /api/v1/runs/r/output');
    expect(cli.terminal.outBytes).toEqual(bytes);
  });

  describe('takes a body', () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'scriptmesh-api-'))));
    afterEach(() => rmSync(folder, { recursive: true }));

    it('from the command line, a file and a pipe', async () => {
      const file = join(folder, 'run.json');
      writeFileSync(file, '{"n":2}');
      cli.keyboard.piped = '{"n":3}';
      for (const data of ['{"n":1}', `@${file}`, '-'])
        expect(await cli.run(`api POST /api/v1/runs -d ${data}`)).toBe(0);
      expect(cli.api.requests.map(({ body }) => body)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
      expect(cli.api.requests[0]?.headers['content-type']).toBe('application/json');
    });

    it('with headers', async () => {
      await cli.run('api POST /api/v1/runs -d 1 -H Prefer:wait=3 -H content-type:text/x');
      expect(cli.api.requests[0]?.headers).toMatchObject({ prefer: 'wait=3', 'content-type': 'text/x' });
      expect(cli.terminal.errText).toBe('');
    });
  });

  it('warns of a key in a header, without repeating it', async () => {
    expect(await cli.run('api GET /api/v1/status -H X-Api-Key:another-key')).toBe(4);
    expect(cli.terminal.errText).toContain('warning: a key on the command line');
    expect(cli.terminal.errText).not.toContain('another-key');
    expect(cli.api.requests[0]?.headers['x-api-key']).toBe('another-key');
  });

  it.each([
    ['another host', 'api GET http://evil.example/'],
    ['another host without protocol', 'api GET //evil.example/'],
    ['a path without /', 'api GET api/v1/status'],
    ['a method that is none', 'api FETCH /api/v1/status'],
    ['a body that is not JSON', 'api POST /api/v1/runs -d {'],
    ['a file that is not there', 'api POST /api/v1/runs -d @/nowhere/x.json'],
    ['a header that is none', 'api GET /api/v1/status -H x-api-key'],
    ['a path that is missing', 'api GET'],
  ])('refuses %s with exit code 2', async (_name, line) => {
    expect(await cli.run(line)).toBe(2);
    expect(cli.api.requests).toHaveLength(0);
    expect(cli.terminal.errText).toContain('  do:  ');
  });

  it.each<[ErrorCode, number]>([
    ['store/full', 1],
    ['run/not-found', 3],
    ['auth/forbidden', 4],
    ['run/wrong-state', 5],
    ['orchestrator/stopping', 6],
  ])('prints the body of %s, explains it on stderr and ends with %i', async (code, exitCode) => {
    cli.api.answer('GET /api/v1/status', answerProblem(code, 'because'));
    expect(await cli.run('api GET /api/v1/status')).toBe(exitCode);
    expect(JSON.parse(cli.terminal.outText)).toMatchObject({ code });
    expect(cli.terminal.errText).toContain('why: because');
  });

  it('understands the statuses of the 0.2 routes', async () => {
    cli.api.answer('GET /read', answerText('{"detail":"File not found"}', 'application/json', 404));
    expect(await cli.run('api GET /read?filename=x')).toBe(3);
    expect(cli.terminal.errText).toContain('File not found');
  });

  it('ends with 6 when the answer breaks off', async () => {
    cli.api.answer('GET /api/v1/status', (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"a":', () => response.destroy());
    });
    expect(await cli.run('api GET /api/v1/status')).toBe(6);
  });

  it('follows no redirect', async () => {
    cli.api.answer('GET /api/v1/status', answerText('', 'text/plain', 302, { location: 'http://evil.example/' }));
    expect(await cli.run('api GET /api/v1/status')).toBe(6);
  });
});
