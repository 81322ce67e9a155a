import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerEvents, answerJson, aRunResource, MovedClock } from '@scriptmesh/testing';
import { CliBench } from '../../../test-support/cli-bench.js';

const QUEUED = aRunResource({ state: 'queued', executed: null, exitCode: null, startedAt: null, finishedAt: null });
const FAILED = aRunResource({ state: 'failed', exitCode: 3 });
const SHOW = `GET /api/v1/runs/${QUEUED.id}`;
const OUTPUT = `${SHOW}/output`;
const out = (text: string) => ({ event: 'output', data: { stream: 'stdout', offset: 0, text } });
const end = (run = aRunResource()) => ({ event: 'end', data: run });

describe('waiting for a run', () => {
  let cli: CliBench;
  let clock: MovedClock;
  beforeEach(async () => {
    cli = await CliBench.start();
    clock = new MovedClock();
    cli.clock = clock;
    cli.api.answer('POST /api/v1/runs', answerJson(QUEUED, 202));
  });
  afterEach(() => cli.stop());

  const seen = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  };

  /** What stands behind the last wiping of the line. */
  const lastLine = (): string => cli.terminal.errText.split('\r\u001b[K').at(-1) ?? '';

  describe('--detach', () => {
    it('prints the id alone on stdout, how to come back on stderr, and does not wait', async () => {
      expect(await cli.run('run s -a db-1 --detach --timeout 60')).toBe(0);
      expect(cli.terminal.outText).toBe(`${QUEUED.id}\n`);
      expect(cli.terminal.errText).toContain(`scriptmesh runs watch ${QUEUED.id}`);
      expect(cli.api.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /api/v1/runs']);
      expect(cli.api.requests[0]?.body).toMatchObject({ timeoutSeconds: 60 });
    });

    it('prints the run with -o json', async () => {
      expect(await cli.run('run s -a db-1 --detach -o json')).toBe(0);
      expect(JSON.parse(cli.terminal.outText)).toMatchObject({ id: QUEUED.id, state: 'queued' });
    });

    it('does not go with --wait', async () => {
      expect(await cli.run('run s -a db-1 --detach --wait')).toBe(2);
      expect(cli.api.requests).toHaveLength(0);
    });
  });

  describe('--retries', () => {
    const NEXT = '019b7600-0000-7000-8000-0000000000ff';
    const second = { ...QUEUED, id: NEXT, attempt: 2, retries: 2, notBefore: '2026-11-23T08:00:05.000Z' };

    it('goes on with the next attempt, and ends with the exit code of the last', async () => {
      cli.api.answer(OUTPUT, answerEvents([out('one\n'), end({ ...FAILED, retries: 2, retriedBy: NEXT })]));
      cli.api.answer(`GET /api/v1/runs/${NEXT}`, answerJson(second));
      cli.api.answer(`GET /api/v1/runs/${NEXT}/output`, answerEvents([out('two\n'), end(aRunResource())]));
      expect(await cli.run('run s -a db-1 --retries 2')).toBe(0);
      expect(cli.api.requests[0]?.body).toMatchObject({ retries: 2 });
      expect(cli.terminal.outText).toBe('one\ntwo\n');
      expect(cli.terminal.errText).toContain(`failed (exit 3); attempt 2 of 3 is run ${NEXT}, not before 2026-11-23T`);
    });

    it('ends with 125 when the next attempt cannot be looked at', async () => {
      cli.api.answer(OUTPUT, answerEvents([end({ ...FAILED, retries: 2, retriedBy: NEXT })]));
      expect(await cli.run('run s -a db-1 --retries 2')).toBe(125);
    });
  });

  describe('--wait', () => {
    it('without a number waits for the end', async () => {
      cli.api.answer(OUTPUT, answerEvents([end(FAILED)]));
      expect(await cli.run('run s -a db-1 --wait')).toBe(3);
    });

    it('leaves the run alone after so many seconds, says how to come back and ends with 125', async () => {
      cli.api.answer(OUTPUT, answerEvents([out('begun\n')], 'stay'));
      const ended = cli.run('run s -a db-1 --wait=30');
      await seen(() => cli.terminal.outText !== '');
      await clock.advance(30_000);
      expect(await ended).toBe(125);
      expect(cli.terminal.errText).toContain('not ended within 30 s');
      expect(cli.terminal.errText).toContain(`scriptmesh runs output ${QUEUED.id}`);
      expect(cli.api.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
      expect(clock.waitingTimers).toBe(0);
    });

    it('takes whole seconds only', async () => {
      expect(await cli.run('run s -a db-1 --wait=soon')).toBe(2);
    });
  });

  it('with -o prints the run in place of its output, a line about its end, and keeps the exit code', async () => {
    cli.api.answer(OUTPUT, answerEvents([out('hello\n'), end(FAILED)]));
    expect(await cli.run('run s -a db-1 -o json')).toBe(3);
    expect(JSON.parse(cli.terminal.outText)).toMatchObject({ state: 'failed', exitCode: 3 });
    expect(cli.terminal.errText).toBe(`scriptmesh: run ${QUEUED.id} on db-1: failed (exit 3), 0 s\n`);
  });

  describe('on a terminal', () => {
    it('shows state and time on one line, drawn anew, and what became of the run at its end', async () => {
      cli.onTerminal().api.answer(SHOW, answerJson({ ...QUEUED, state: 'running' }));
      const held: { end?: () => void } = {};
      cli.api.answer(OUTPUT, (response, request) => {
        answerEvents([], 'stay')(response, request);
        held.end = () => void response.end(`event: end\ndata: ${JSON.stringify(FAILED)}\n\n`);
      });
      const ended = cli.run('run s -a db-1');
      const run = `run ${QUEUED.id} on db-1`;
      await seen(() => cli.terminal.errText.endsWith(`\r\u001b[Kscriptmesh: queued, 0 s: ${run}`));
      await clock.advance(2000);
      await seen(() => cli.api.requestsTo(SHOW).length === 1 && held.end !== undefined);
      await seen(() => cli.terminal.errText.endsWith(`\r\u001b[Kscriptmesh: queued, 2 s: ${run}`));
      // Beside the timer of the line the one that listens for signs of life: the state has been answered.
      await seen(() => clock.waitingTimers === 2);
      await clock.advance(1000);
      expect(lastLine()).toBe(`scriptmesh: running, 3 s: ${run}`);
      held.end?.();
      expect(await ended).toBe(3);
      expect(lastLine()).toBe(`scriptmesh: ${run}: failed (exit 3), 3 s\n`);
      expect(cli.api.requestsTo(SHOW)).toHaveLength(1);
    });

    it('keeps out of the way of the output', async () => {
      cli.onTerminal().api.answer(OUTPUT, answerEvents([out('half'), end()]));
      expect(await cli.run('run s -a db-1')).toBe(0);
      expect(cli.terminal.outText).toBe('half');
      // Wiped before the output, and not drawn again in the middle of its line.
      expect(cli.terminal.errText.split('queued')).toHaveLength(2);
    });

    it('knows by its output that the script runs', async () => {
      cli.onTerminal().api.answer(OUTPUT, answerEvents([out('x\n')], 'stay'));
      const ended = cli.run('run s -a db-1');
      await seen(() => lastLine().startsWith('scriptmesh: running, 0 s'));
      await clock.advance(10_000);
      expect(cli.api.requestsTo(SHOW)).toHaveLength(0);
      cli.interrupts.press();
      expect(await ended).toBe(130);
    });

    it('takes the line away at Ctrl-C', async () => {
      cli.onTerminal().api.answer(OUTPUT, answerEvents([out('x\n')], 'stay'));
      const ended = cli.run('run s -a db-1');
      await seen(() => cli.terminal.outText !== '');
      cli.interrupts.press();
      expect(await ended).toBe(130);
      expect(lastLine()).toMatch(/^\nscriptmesh: the run goes on; .*\n$/);
      expect(clock.waitingTimers).toBe(0);
    });
  });
});
