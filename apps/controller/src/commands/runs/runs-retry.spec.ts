import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerEvents, answerJson, answerProblem, aRunResource } from '@scriptmesh/testing';
import { CliBench } from '../../../test-support/cli-bench.js';

const OLD = '019b7600-0000-7000-8000-000000000009';
const NEW = aRunResource({ state: 'queued', executed: null, exitCode: null, retryOf: OLD });
const RETRY = `POST /api/v1/runs/${OLD}/retry`;
const OUTPUT = `GET /api/v1/runs/${NEW.id}/output`;

describe('scriptmesh runs retry', () => {
  let cli: CliBench;
  beforeEach(async () => {
    cli = await CliBench.start();
  });
  afterEach(() => cli.stop());

  it('prints the id of the new run', async () => {
    cli.api.answer(RETRY, answerJson(NEW, 202));
    expect(await cli.run(`runs retry ${OLD} --idempotency-key once`)).toBe(0);
    expect(cli.terminal.outText).toBe(`${NEW.id}\n`);
    expect(cli.api.requests[0]?.headers['idempotency-key']).toBe('once');
  });

  it('prints the new run in the format that is asked for', async () => {
    cli.api.answer(RETRY, answerJson(NEW, 202));
    expect(await cli.run(`runs retry ${OLD} -o json`)).toBe(0);
    expect(JSON.parse(cli.terminal.outText)).toEqual(NEW);
  });

  it('stays until the new run has ended, and ends with its exit code', async () => {
    cli.api.answer(RETRY, answerJson(NEW, 202));
    const output = { event: 'output', id: '3-0', data: { stream: 'stdout', offset: 0, text: 'on\n' } };
    const end = { event: 'end', data: aRunResource({ state: 'failed', exitCode: 42 }) };
    cli.api.answer(OUTPUT, answerEvents([output, end]));
    expect(await cli.run(`runs retry ${OLD} --wait`)).toBe(42);
    expect(cli.terminal.outText).toBe('on\n');
  });

  it.each([
    ['5 for a run that is live', '', 'run/not-final', 5],
    ['3 for no such run', '', 'run/not-found', 3],
    ['125 when it waits, so that no code of a script is meant', ' --wait', 'run/not-final', 125],
    ['127 when it waits for a script that is gone', ' --wait', 'script/not-found', 127],
  ] as const)('ends with %s', async (_what, flags, code, exitCode) => {
    cli.api.answer(RETRY, answerProblem(code, 'no'));
    expect(await cli.run(`runs retry ${OLD}${flags}`)).toBe(exitCode);
    expect(cli.terminal.outText).toBe('');
  });
});
