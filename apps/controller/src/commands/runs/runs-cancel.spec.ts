import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerJson, answerProblem, aRunResource } from '@scriptmesh/testing';
import { CliBench } from '../../../test-support/cli-bench.js';

const ID = '019b7600-0000-7000-8000-00000000000';
const route = (n: number): string => `POST /api/v1/runs/${ID}${n}/cancel`;
const cancelled = (n: number) =>
  aRunResource({ id: `${ID}${n}`, state: 'cancelled', executed: 'no', exitCode: null, cancelRequested: true });
const dying = (n: number) => aRunResource({ id: `${ID}${n}`, state: 'running', executed: null, cancelRequested: true });

describe('scriptmesh runs cancel', () => {
  let cli: CliBench;
  beforeEach(async () => {
    cli = await CliBench.start();
  });
  afterEach(() => cli.stop());

  it('cancels all that are named, each once, and shows them', async () => {
    cli.api.answer(route(1), answerJson(cancelled(1), 202)).answer(route(2), answerJson(dying(2), 202));
    expect(await cli.run(`runs cancel ${ID}1 ${ID}2 ${ID}1 -o name`)).toBe(0);
    expect(cli.terminal.outText).toBe(`${ID}1\n${ID}2\n`);
    expect(cli.api.requests.map(({ body }) => body)).toEqual([{}, {}]);
    expect(cli.api.requests.map(({ headers }) => headers['prefer'])).toEqual([undefined, undefined]);
  });

  it('tells why, and waits when it is asked to', async () => {
    cli.api.answer(route(1), answerJson(cancelled(1), 200));
    expect(await cli.run(['runs', 'cancel', `${ID}1`, '--why', 'wrong host', '--wait=60', '-o', 'json'])).toBe(0);
    expect(cli.api.requests[0]?.body).toEqual({ why: 'wrong host' });
    expect(cli.api.requests[0]?.headers['prefer']).toBe('wait=60');
    expect(JSON.parse(cli.terminal.outText)).toEqual({ items: [cancelled(1)], next: null });
    expect(cli.terminal.errText).toBe('');
  });

  it('ends with 1 when a run has not ended in the time that it waited', async () => {
    cli.api.answer(route(1), answerJson(dying(1), 202));
    expect(await cli.run(`runs cancel ${ID}1 --wait`)).toBe(1);
    expect(cli.api.requests[0]?.headers['prefer']).toBe('wait=30');
    expect(cli.terminal.errText).toContain('One run has not ended within 30 s');
  });

  it('goes on with the others when one cannot be cancelled, tells of each and ends with the code of the last', async () => {
    cli.api
      .answer(route(1), answerProblem('run/not-found', 'there is no such run'))
      .answer(route(2), answerJson(cancelled(2), 202))
      .answer(route(3), answerProblem('run/already-final', 'it is succeeded'));
    expect(await cli.run(`runs cancel ${ID}1 ${ID}2 ${ID}3 -o name`)).toBe(5);
    expect(cli.terminal.outText).toBe(`${ID}2\n`);
    expect(cli.terminal.errText).toContain('there is no such run');
    expect(cli.terminal.errText).toContain('it is succeeded');
    expect(cli.terminal.errText).toContain('runs show');
  });

  it.each([
    ['no id', 'runs cancel'],
    ['a time to wait that is none', `runs cancel ${ID}1 --wait=soon`],
    ['a longer wait than the API knows', `runs cancel ${ID}1 --wait=301`],
  ])('takes %s for a mistake and asks for nothing', async (_what, line) => {
    expect(await cli.run(line)).toBe(2);
    expect(cli.api.requests).toEqual([]);
  });
});
