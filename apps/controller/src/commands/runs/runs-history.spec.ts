import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExplanationResource, RunEventResource } from '@scriptmesh/contracts';
import { answerJson, answerProblem } from '@scriptmesh/testing';
import { CliBench } from '../../../test-support/cli-bench.js';

const anEvent = (overrides: Partial<RunEventResource> = {}): RunEventResource => ({
  seq: 1,
  at: '2026-01-01T00:00:00.000Z',
  event: 'transition',
  from: 'running',
  to: 'failed',
  cause: 'result',
  principal: 'agent:a1',
  executed: 'yes',
  reason: 'exit code 3',
  requestId: null,
  ...overrides,
});
const EXPLANATION: ExplanationResource = {
  run: 'r1',
  state: 'failed',
  executed: 'yes',
  cause: 'result',
  summary: 'It ended with exit code 3.\u001b[31m',
  rule: 'failed: any exit code but 0.',
  advice: 'Read what it wrote.',
};

describe('the history of a run', () => {
  let cli: CliBench;
  beforeEach(async () => void (cli = await CliBench.start()));
  afterEach(() => cli.stop());

  it('runs events lists all pages, the oldest first', async () => {
    const birth = anEvent({ event: 'accepted', from: null, to: 'queued', cause: 'asked', reason: null });
    cli.api.answer(
      'GET /api/v1/runs/r1/events',
      answerJson({ items: [birth], next: 'MQ' }),
      answerJson({ items: [anEvent({ seq: 2 })], next: null }),
    );
    expect(await cli.run('runs events r1')).toBe(0);
    const [head, first, second] = cli.terminal.outText.split('\n').map((line) => line.split(/ {2,}/));
    expect(head).toEqual(['AT', 'EVENT', 'FROM', 'TO', 'CAUSE', 'BY', 'REASON']);
    expect(first?.slice(1)).toEqual(['accepted', '-', 'queued', 'asked', 'agent:a1', '-']);
    expect(second?.slice(1)).toEqual(['transition', 'running', 'failed', 'result', 'agent:a1', 'exit code 3']);
    expect(cli.api.requests.map(({ url }) => url)).toEqual([
      '/api/v1/runs/r1/events',
      '/api/v1/runs/r1/events?cursor=MQ',
    ]);
  });

  it('runs explain tells what happened, by which rule, what to do; control characters do not reach a terminal', async () => {
    cli.api.answer('GET /api/v1/runs/r1/explain', answerJson(EXPLANATION));
    expect(await cli.run('runs explain r1')).toBe(0);
    expect(cli.terminal.outText).toBe(
      'It ended with exit code 3.\\x1b[31m\n  rule: failed: any exit code but 0.\n  do:   Read what it wrote.\n',
    );
  });

  it('runs explain gives the same to programs', async () => {
    cli.api.answer('GET /api/v1/runs/r1/explain', answerJson(EXPLANATION));
    await cli.run('runs explain r1 -o json');
    expect(JSON.parse(cli.terminal.outText)).toEqual(EXPLANATION);
  });

  it.each(['events', 'explain'])('runs %s ends with 3 for a run that is not there', async (word) => {
    cli.api.answer(`GET /api/v1/runs/r1/${word}`, answerProblem('run/not-found', 'there is no run "r1"'));
    expect(await cli.run(`runs ${word} r1`)).toBe(3);
  });

  it('runs explain does not take the answer of something else for an explanation', async () => {
    cli.api.answer('GET /api/v1/runs/r1/explain', answerJson({ hello: 'world' }));
    expect(await cli.run('runs explain r1')).not.toBe(0);
    expect(cli.terminal.outText).toBe('');
  });
});
