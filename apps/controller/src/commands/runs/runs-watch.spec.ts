import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunResource, RunState } from '@scriptmesh/contracts';
import type { Timer } from '@scriptmesh/runtime';
import { answerEvents, answerJson, answerProblem, answerText, aRunResource, MovedClock } from '@scriptmesh/testing';
import { CliBench } from '../../../test-support/cli-bench.js';

const RUNS = 'GET /api/v1/runs';
const ID = '019b7600-0000-7000-8000-00000000000';
const aRun = (number: number, state: RunState, more: Partial<RunResource> = {}): RunResource =>
  aRunResource({ id: `${ID}${number}`, state, exitCode: state === 'succeeded' ? 0 : null, ...more });
const page = (...items: RunResource[]) => answerJson({ items, next: null });

const INTERVAL_MS = 2000;

/** Knows how often the watcher has begun to rest. */
class RestClock extends MovedClock {
  rests = 0;

  override after(delayMs: number, work: () => void): Timer {
    if (delayMs === INTERVAL_MS) this.rests += 1;
    return super.after(delayMs, work);
  }
}

describe('scriptmesh runs watch', () => {
  let cli: CliBench;
  let clock: RestClock;
  beforeEach(async () => {
    cli = await CliBench.start();
    clock = new RestClock();
    cli.clock = clock;
  });
  afterEach(() => cli.stop());

  /** Looks so often at the list, then presses Ctrl-C. */
  const watch = async (line: string, looks: number): Promise<number> => {
    const ended = cli.run(line);
    for (let look = 1; look <= looks; look += 1) {
      while (clock.rests < look) await new Promise((resolve) => setImmediate(resolve));
      if (look < looks) await clock.advance(INTERVAL_MS);
    }
    cli.interrupts.press();
    return ended;
  };

  it('prints a line for each change and nothing for runs that had ended before', async () => {
    cli.api.answer(
      RUNS,
      page(aRun(2, 'running'), aRun(1, 'succeeded')),
      page(aRun(3, 'queued'), aRun(2, 'succeeded'), aRun(1, 'succeeded')),
      page(aRun(3, 'failed', { exitCode: 3 }), aRun(2, 'succeeded'), aRun(1, 'succeeded')),
    );
    expect(await watch('runs watch', 3)).toBe(130);
    const lines = cli.terminal.outText.trimEnd().split('\n');
    expect(lines.map((line) => line.split('  ').slice(1).join(' '))).toEqual([
      `${ID}2 db-1 hello_world running`,
      `${ID}2 db-1 hello_world running -> succeeded (exit 0)`,
      `${ID}3 db-1 hello_world queued`,
      `${ID}3 db-1 hello_world queued -> failed (exit 3)`,
    ]);
    expect(lines[0]).toMatch(/^2026-01-01T00:00:00/);
    expect(cli.terminal.errText).toBe('');
  });

  it('gives the runs as objects with -o ndjson, and ids with -o name', async () => {
    cli.api.answer(RUNS, page(aRun(2, 'running')), page(aRun(2, 'succeeded')));
    await watch('runs watch -o ndjson', 2);
    const states = cli.terminal.outText
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as RunResource).state);
    expect(states).toEqual(['running', 'succeeded']);
  });

  it('hands the filters on, and shows the end of a run that leaves the list', async () => {
    cli.api.answer(RUNS, page(aRun(2, 'running')), page());
    cli.api.answer(`${RUNS}/${ID}2`, answerJson(aRun(2, 'succeeded')));
    await watch('runs watch -a db-1 -s hello_world --state running', 2);
    expect(cli.api.requests[0]?.url).toBe('/api/v1/runs?agent=db-1&script=hello_world&state=running&limit=100');
    expect(cli.terminal.outText).toContain('running -> succeeded');
  });

  it('draws a table in place on a terminal, no longer than that is', async () => {
    cli.onTerminal().terminal.rows = 5;
    cli.api.answer(
      RUNS,
      page(aRun(2, 'running'), aRun(1, 'running')),
      page(aRun(3, 'queued'), aRun(2, 'running'), aRun(1, 'running')),
    );
    await watch('runs watch', 2);
    const [first = '', second = ''] = cli.terminal.outText.split('\u001b[3A\r\u001b[J');
    expect(first.startsWith('\u001b[?7lID')).toBe(true);
    expect(second).toContain(`${ID}3`);
    expect(second).not.toContain(`${ID}1`);
  });

  it('waits for an orchestrator that is away for a while, and says so once', async () => {
    const away = answerText('<html>', 'text/html', 502);
    cli.api.answer(RUNS, page(aRun(2, 'running')), away, away, page(aRun(2, 'succeeded')));
    await watch('runs watch', 4);
    expect(cli.terminal.errText.match(/trying again/g)).toHaveLength(1);
    expect(cli.terminal.outText).toContain('running -> succeeded');
  });

  it.each([
    ['a wrong key', answerProblem('auth/unauthorized', 'no'), 4],
    ['an orchestrator that was never there', answerText('<html>', 'text/html', 502), 6],
  ])('ends at once with %s', async (_name, answer, code) => {
    cli.api.answer(RUNS, answer);
    expect(await cli.run('runs watch')).toBe(code);
  });

  it('ends quietly when nobody reads any more', async () => {
    cli.terminal.outBreaksAfter = 0;
    cli.api.answer(RUNS, page(aRun(2, 'running')));
    expect(await cli.run('runs watch')).toBe(0);
    expect(cli.terminal.errText).toBe('');
  });

  describe('with an id', () => {
    it("follows the output to its end and ends with the script's exit code", async () => {
      const output = { event: 'output', data: { stream: 'stdout', offset: 0, text: 'live\n' } };
      cli.api.answer(`${RUNS}/${ID}2`, answerJson(aRun(2, 'running')));
      cli.api.answer(
        `${RUNS}/${ID}2/output`,
        answerEvents([output, { event: 'end', data: aRun(2, 'failed', { exitCode: 42 }) }]),
      );
      expect(await cli.run(`runs watch ${ID}2`)).toBe(42);
      expect(cli.terminal.outText).toBe('live\n');
    });

    it('ends with 3 when there is no such run and with 2 when filters are given too', async () => {
      cli.api.answer(`${RUNS}/${ID}9`, answerProblem('run/not-found', 'no run'));
      expect(await cli.run(`runs watch ${ID}9`)).toBe(3);
      expect(await cli.run(`runs watch ${ID}9 --state running`)).toBe(2);
    });
  });
});
