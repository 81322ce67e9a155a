import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunResource } from '@scriptmesh/contracts';
import { answerEvents, answerJson, answerNothing, answerProblem, aRunResource } from '@scriptmesh/testing';
import { CliBench } from '../../../test-support/cli-bench.js';

const QUEUED = aRunResource({ state: 'queued', executed: null, exitCode: null, startedAt: null, finishedAt: null });
const OUTPUT = `GET /api/v1/runs/${QUEUED.id}/output`;
const out = (offset: number, text: string) => ({
  event: 'output',
  id: `${offset + text.length}-0`,
  data: { stream: 'stdout', offset, text },
});
const err = (offset: number, text: string) => ({ event: 'output', data: { stream: 'stderr', offset, text } });
const end = (run: Partial<RunResource> = {}) => ({ event: 'end', data: aRunResource(run) });

describe('scriptmesh run', () => {
  let cli: CliBench;
  beforeEach(async () => {
    cli = await CliBench.start();
    cli.api.answer('POST /api/v1/runs', answerJson(QUEUED, 202));
  });
  afterEach(() => cli.stop());

  it("writes the script's streams to the streams of the same name and nothing else", async () => {
    cli.api.answer(OUTPUT, answerEvents([out(0, 'hello\n'), err(0, 'careful\n'), end()]));
    expect(await cli.run('run hello_world -a db-1')).toBe(0);
    expect(cli.terminal.outText).toBe('hello\n');
    expect(cli.terminal.errText).toBe('careful\n');
    expect(cli.interrupts.watched).toBe(0);
  });

  it('says between the beginning and the end of a long output how much is missing', async () => {
    const gap = { event: 'gap', data: { stream: 'stdout', offset: 100, missing: 94 } };
    cli.api.answer(OUTPUT, answerEvents([out(0, 'begun\n'), gap, out(100, 'ended\n'), end()]));
    expect(await cli.run('run hello_world -a db-1')).toBe(0);
    expect(cli.terminal.outText).toBe('begun\nended\n');
    expect(cli.terminal.errText).toBe('scriptmesh: 94 bytes are missing here; more was written than is kept\n');
  });

  it('asks with all that was given', async () => {
    cli.api.answer(OUTPUT, answerEvents([end()]));
    await cli.run('run s -a db-1 --param a=1=2 -p b= --timeout 60 --deliver-within 5');
    expect(cli.api.requests[0]?.body).toEqual({
      agent: 'db-1',
      script: 's',
      params: { a: '1=2', b: '' },
      timeoutSeconds: 60,
      deliverWithinSeconds: 5,
    });
  });

  it('sends the key that makes it safe to repeat', async () => {
    cli.api.answer(OUTPUT, answerEvents([end()]));
    expect(await cli.run('run s -a db-1 --idempotency-key nightly')).toBe(0);
    expect(cli.api.requests[0]?.headers['idempotency-key']).toBe('nightly');
    cli.api.answer('POST /api/v1/runs', answerProblem('request/key-reused', 'another request'));
    expect(await cli.run('run s -a db-1 --idempotency-key nightly')).toBe(126);
  });

  it('goes on where it was after a broken connection', async () => {
    cli.api.answer(OUTPUT, answerEvents([out(0, 'one ')], 'cut'), answerEvents([out(4, 'two'), end()]));
    expect(await cli.run('run s -a db-1')).toBe(0);
    expect(cli.terminal.outText).toBe('one two');
    expect(cli.api.requestsTo(OUTPUT)[1]?.headers['last-event-id']).toBe('4-0');
    expect(cli.terminal.errText).toBe('');
  });

  it.each<[string, Partial<RunResource>, number]>([
    ["the script's own", { state: 'failed', exitCode: 42 }, 42],
    ['137 when the script itself ends with it', { state: 'failed', exitCode: 137 }, 137],
    ['128 + N after signal N', { state: 'failed', exitCode: null, signal: 'SIGTERM' }, 143],
    ['124 when it timed out', { state: 'timed_out', exitCode: null, signal: 'SIGKILL' }, 124],
    ['125 when it is lost', { state: 'lost', executed: 'unknown', exitCode: null, reason: 'silence' }, 125],
    ['125 when it expired', { state: 'expired', executed: 'no', exitCode: null }, 125],
    ['125 when the start failed', { state: 'rejected', exitCode: null, reason: 'run/start-failed: no memory' }, 125],
    ['126 when it was refused', { state: 'rejected', exitCode: null, reason: 'manifest/hash-mismatch: other' }, 126],
    [
      '127 when the agent has no such script',
      { state: 'rejected', exitCode: null, reason: 'script/not-found: x' },
      127,
    ],
    ['127 when its file is missing', { state: 'rejected', exitCode: null, reason: 'script/file-missing: x' }, 127],
    ['130 when somebody cancelled it', { state: 'cancelled', exitCode: null, signal: 'SIGTERM' }, 130],
  ])('ends with %s', async (_name, run, code) => {
    cli.api.answer(OUTPUT, answerEvents([end(run)]));
    expect(await cli.run('run s -a db-1')).toBe(code);
    if (typeof run.exitCode === 'number') expect(cli.terminal.errText).toBe('');
    else
      expect(cli.terminal.errText).toMatch(
        /^scriptmesh: .+\n(?: {2}why: .+\n)? {2}do: {2}.+\n {2}more: scriptmesh runs explain .+\n$/,
      );
  });

  it.each([
    ['127 for an unknown script', answerProblem('script/not-found', 'no script s'), 127],
    ['126 when it is forbidden', answerProblem('auth/forbidden', 'not you'), 126],
    ['126 for parameters that the manifest does not allow', answerProblem('params/invalid', 'bad'), 126],
    ['125 for an unknown agent', answerProblem('agent/not-found', 'no agent'), 125],
    ['125 for a bad key', answerProblem('auth/unauthorized', 'bad key'), 125],
    ['125 when the connection breaks', answerNothing, 125],
  ])('ends with %s', async (_name, answer, code) => {
    cli.api.answer('POST /api/v1/runs', answer);
    expect(await cli.run('run s -a db-1')).toBe(code);
    expect(cli.terminal.errText).toContain('  do:  ');
    expect(cli.api.requestsTo('POST /api/v1/runs')).toHaveLength(1);
  });

  it('ends with 125 when no key is found', async () => {
    cli.settings.apiKey = null;
    expect(await cli.run('run s -a db-1')).toBe(125);
  });

  it('names the run when it loses touch for good', async () => {
    cli.api.answer(OUTPUT, answerProblem('auth/unauthorized', 'key revoked'));
    expect(await cli.run('run s -a db-1')).toBe(125);
    expect(cli.terminal.errText).toContain(`scriptmesh runs output ${QUEUED.id}`);
  });

  it('leaves the run alone at Ctrl-C, says how to come back and ends with 130', async () => {
    cli.api.answer(OUTPUT, answerEvents([out(0, 'working')], 'stay'));
    const ended = cli.run('run s -a db-1');
    while (cli.terminal.outText === '') await new Promise((resolve) => setImmediate(resolve));
    cli.interrupts.press();
    expect(await ended).toBe(130);
    expect(cli.terminal.errText).toContain(`scriptmesh runs output ${QUEUED.id}`);
    expect(cli.api.requests.map((seen) => seen.method)).toEqual(['POST', 'GET']);
  });

  it('says at Ctrl-C that it is not known whether the run was taken, while that is so', async () => {
    cli.api.answer('POST /api/v1/runs', () => cli.interrupts.press());
    expect(await cli.run('run s -a db-1')).toBe(130);
    expect(cli.terminal.errText).toContain('scriptmesh runs list --agent db-1');
  });

  it('ends quietly, but not with 0, when nobody reads its output any more', async () => {
    cli.terminal.outBreaksAfter = 3;
    cli.api.answer(OUTPUT, answerEvents([out(0, 'abc'), out(3, 'def'), end()]));
    expect(await cli.run('run s -a db-1')).toBe(141);
    expect(cli.terminal.errText).toBe('');
  });

  it('escapes what a terminal would obey, and only there, and not with --raw', async () => {
    const evil = '\u001b]52;c;aGk=\u0007\u202eabc\u009b31m\r\nx\rfine\ttab\n';
    cli.api.answer(OUTPUT, answerEvents([out(0, evil), end()]));
    await cli.run('run s -a db-1');
    expect(cli.terminal.outText).toBe(evil);

    cli.terminal.outIsTerminal = true;
    await cli.run('run s -a db-1');
    expect(cli.terminal.outText.slice(evil.length)).toBe('\\x1b]52;c;aGk=\\x07\\u202eabc\\x9b31m\nx\\rfine\ttab\n');

    const before = cli.terminal.outText.length;
    await cli.run('run s -a db-1 --raw');
    expect(cli.terminal.outText.slice(before)).toBe(evil);
  });

  it('tells a person at a terminal which run it is', async () => {
    cli.terminal.errIsTerminal = true;
    cli.api.answer(OUTPUT, answerEvents([end()]));
    await cli.run('run s -a db-1');
    expect(cli.terminal.errText).toContain(QUEUED.id);
  });
});
