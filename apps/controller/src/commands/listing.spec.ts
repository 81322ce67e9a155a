import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anAgentResource, answerEvents, answerJson, answerText, aRunResource } from '@scriptmesh/testing';
import { CliBench } from '../../test-support/cli-bench.js';

const SCRIPT = {
  name: 'hello_world',
  path: 'hello_world.py',
  description: 'says hello',
  interpreter: null,
  timeoutSeconds: 60,
  maxConcurrent: null,
  problem: null,
};

describe('the commands that list and show', () => {
  let cli: CliBench;
  beforeEach(async () => {
    cli = await CliBench.start();
    const agents = [anAgentResource(), anAgentResource({ name: 'web-\u202e1', labels: {}, liveness: 'offline' })];
    cli.api
      .answer('GET /api/v1/agents', answerJson({ items: agents, next: null }))
      .answer('GET /api/v1/agents/db-1', answerJson(anAgentResource()))
      .answer('GET /api/v1/agents/db-1/scripts', answerJson({ items: [SCRIPT], next: null }))
      .answer(
        'GET /api/v1/scripts',
        answerJson({ items: [{ name: 's', description: null, agents: ['a', 'b'] }], next: null }),
      )
      .answer('GET /api/v1/runs', answerJson({ items: [aRunResource()], next: 'more' }))
      .answer(`GET /api/v1/runs/r1`, answerJson(aRunResource({ state: 'failed', exitCode: 3 })));
  });
  afterEach(() => cli.stop());

  it('show a table with a head, escaped, without colours in a pipe', async () => {
    expect(await cli.run('agents list')).toBe(0);
    const lines = cli.terminal.outText.split('\n');
    expect(lines[0]).toMatch(/^NAME +STATE +LAST SEEN +SLOTS +LABELS +URL$/);
    expect(lines[1]).toMatch(/^db-1 +online .* role=db /);
    expect(lines[2]).toContain('web-\\u202e1');
    expect(cli.terminal.outText).not.toContain('\u001b');
  });

  it('colour the table on a terminal', async () => {
    cli.terminal.outHasColors = true;
    await cli.run('agents list');
    expect(cli.terminal.outText).toContain('\u001b[32monline');
  });

  it('print JSON, a line for each thing, or names, and nothing else on stdout', async () => {
    await cli.run('agents list -o json');
    expect(JSON.parse(cli.terminal.outText)).toMatchObject({
      items: [{ name: 'db-1' }, { name: 'web-\u202e1' }],
      next: null,
    });
    expect(cli.terminal.outText).not.toContain('\u202e');
    expect(cli.terminal.errText).toBe('');
  });

  it('print one JSON a line with ndjson', async () => {
    await cli.run('agents list -o ndjson');
    const lines = cli.terminal.outText.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { name: string }).name)).toEqual(['db-1', 'web-\u202e1']);
  });

  it('print names only with name', async () => {
    await cli.run('runs list -o name');
    expect(cli.terminal.outText).toBe(`${aRunResource().id}\n`);
  });

  it.each(['agents show db-1', 'runs show r1', 'scripts list', 'scripts list -a db-1', 'runs list'])(
    '%s answers in all formats',
    async (line) => {
      for (const format of ['table', 'json', 'ndjson', 'name']) {
        const before = cli.terminal.outText.length;
        expect(await cli.run(`${line} -o ${format}`)).toBe(0);
        const shown = cli.terminal.outText.slice(before);
        expect(shown.endsWith('\n')).toBe(true);
        if (format.endsWith('json')) expect(() => JSON.parse(shown) as unknown).not.toThrow();
      }
    },
  );

  it('show the fields of one thing', async () => {
    await cli.run('runs show r1');
    expect(cli.terminal.outText).toMatch(/^state +failed$/m);
    expect(cli.terminal.outText).toMatch(/^exitCode +3$/m);
  });

  it('filter runs and say how to go on', async () => {
    await cli.run('runs list --state failed -a db-1 -s backup --limit 1 --cursor c');
    expect(cli.api.requests[0]?.url).toBe('/api/v1/runs?state=failed&agent=db-1&script=backup&limit=1&cursor=c');
    expect(cli.terminal.errText).toContain('--cursor more');
  });

  it('say on stderr that there is nothing', async () => {
    cli.api.answer('GET /api/v1/agents', answerJson({ items: [], next: null }));
    expect(await cli.run('agents list')).toBe(0);
    expect(cli.terminal.outText).toBe('');
    expect(cli.terminal.errText).toContain('scriptmesh agent start');
  });

  it('label and remove agents', async () => {
    cli.api.answer('PATCH /api/v1/agents/db-1', answerJson(anAgentResource()));
    cli.api.answer('DELETE /api/v1/agents/db-1', (response) => void response.writeHead(204).end());
    expect(await cli.run('agents label db-1 zone=eu role- -o name')).toBe(0);
    expect(cli.api.requests[0]?.body).toEqual({ labels: { zone: 'eu', role: null } });
    expect(cli.terminal.outText).toBe('db-1\n');
    expect(await cli.run('agents remove db-1')).toBe(0);
    expect(cli.terminal.errText).toBe('Removed db-1.\n');
  });

  it('status sums up agents and runs', async () => {
    const status = {
      version: '1.0.0',
      startedAt: '2026-01-01T00:00:00.000Z',
      agents: { online: 2, suspect: 0, offline: 1, unknown: 0 },
      runs: { running: 1, succeeded: 9 },
    };
    cli.api.answer('GET /api/v1/status', answerJson(status));
    await cli.run('status');
    expect(cli.terminal.outText).toMatch(/orchestrator +reachable, version 1\.0\.0/);
    expect(cli.terminal.outText).toMatch(/agents +2 online, 1 offline/);
    expect(cli.terminal.outText).toMatch(/runs +1 running, 9 succeeded/);
    const before = cli.terminal.outText.length;
    await cli.run('status -o json');
    expect(JSON.parse(cli.terminal.outText.slice(before))).toEqual(status);
  });

  it('runs output gives both streams, or one, byte for byte', async () => {
    cli.api.answer('GET /api/v1/runs/r1/output', (response, seen) =>
      answerText(Buffer.from([seen.url.includes('stderr') ? 0xee : 0xff, 10]), 'application/octet-stream')(
        response,
        seen,
      ),
    );
    await cli.run('runs output r1');
    expect(cli.terminal.outBytes).toEqual(Buffer.from([0xff, 10]));
    await cli.run('runs output r1 --stream stderr');
    expect(cli.api.requests.map((seen) => seen.url.split('?')[1])).toEqual([
      'stream=stdout',
      'stream=stderr',
      'stream=stderr',
    ]);
  });

  it('runs output gives the beginning and the end of a long output, and says on stderr what is missing', async () => {
    cli.api.answer('GET /api/v1/runs/r1/output', (response, { url }) => {
      const [text, headers] = url.includes('offset=94')
        ? ['end\n', { 'output-next-offset': '98', 'output-final': 'true' }]
        : ['head', { 'output-gap': '90', 'output-next-offset': '94', 'output-final': 'false' }];
      response.writeHead(200, { 'content-type': 'application/octet-stream', ...headers }).end(text);
    });
    expect(await cli.run('runs output r1 --stream stdout')).toBe(0);
    expect(cli.terminal.outText).toBe('headend\n');
    expect(cli.terminal.errText).toBe('scriptmesh: 90 bytes are missing here; more was written than is kept\n');
  });

  it('runs output -f stays until the end and may be left', async () => {
    const output = { event: 'output', data: { stream: 'stdout', offset: 0, text: 'live' } };
    cli.api.answer(
      'GET /api/v1/runs/r1/output',
      answerEvents([output, { event: 'end', data: aRunResource() }]),
      answerEvents([], 'stay'),
    );
    expect(await cli.run('runs output r1 -f')).toBe(0);
    expect(cli.terminal.outText).toBe('live');
    const left = cli.run('runs output r1 -f');
    while (cli.api.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
    cli.interrupts.press();
    expect(await left).toBe(130);
    expect(cli.terminal.errText).toContain('come back to it with: scriptmesh runs output -f r1');
  });
});
