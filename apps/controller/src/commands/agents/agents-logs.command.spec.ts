import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerEvents, answerJson, answerProblem, answerText } from '@scriptmesh/testing';
import { CliBench } from '../../../test-support/cli-bench.js';

const LIST = 'GET /api/v1/agents/db-1/logs';
const LOG = `${LIST}/app`;
const RESOURCE = {
  name: 'app',
  description: 'The app',
  maxBytes: 1024,
  files: [{ name: 'app.log', bytes: 7, modifiedAt: '2026-01-01T00:00:00.000Z' }],
  problem: null,
};
const out = (text: string) => ({
  event: 'output',
  id: '9-0123456789abcdef',
  data: { file: 'app.log', offset: 0, text },
});

describe('scriptmesh agents logs', () => {
  let cli: CliBench;
  beforeEach(async () => void (cli = await CliBench.start()));
  afterEach(() => cli.stop());

  it('lists the logs in all formats', async () => {
    cli.api.answer(LIST, answerJson({ items: [RESOURCE], next: null, manifestFaults: [] }));
    expect(await cli.run('agents logs db-1')).toBe(0);
    expect(cli.terminal.outText).toMatch(/^app +1 +app\.log +7 +2026-01-01T00:00:00.000Z +The app +-$/m);
    const before = cli.terminal.outText.length;
    await cli.run('agents logs db-1 -o json');
    expect(JSON.parse(cli.terminal.outText.slice(before))).toEqual({ items: [RESOURCE], next: null });
  });

  it('prints a log as it is, and asks for what was wanted', async () => {
    cli.api.answer(LOG, answerText(Buffer.from([0xff, 10]), 'text/plain'));
    const line =
      'agents logs db-1 app --tail 5 --file app.log --since 2026-01-01T01:00:00+01:00 --until 2026-01-02T00:00:00Z';
    expect(await cli.run(line)).toBe(0);
    expect(cli.terminal.outBytes).toEqual(Buffer.from([0xff, 10]));
    const { searchParams } = new URL(cli.api.requests[0]?.url ?? '', 'http://x');
    expect(Object.fromEntries(searchParams)).toEqual({
      tail: '5',
      file: 'app.log',
      since: '2026-01-01T00:00:00.000Z',
      until: '2026-01-02T00:00:00.000Z',
    });
  });

  it.each(['--since soon', '--tail -1', '--until 2026-13-01'])('does not take %s', async (wrong) => {
    expect(await cli.run(`agents logs db-1 app ${wrong}`)).not.toBe(0);
    expect(cli.api.requests).toEqual([]);
  });

  it('follows across a broken connection, tells of gaps aside, and is left with 130', async () => {
    const gap = { event: 'gap', id: '0-0123456789abcdef', data: { file: 'app.log', offset: 0, reason: 'rotated' } };
    cli.api.answer(LOG, answerEvents([out('one\n')], 'cut'), answerEvents([gap, out('two\n')], 'stay'));
    const ended = cli.run('agents logs db-1 app -f');
    while (!cli.terminal.outText.includes('two')) await new Promise((resolve) => setImmediate(resolve));
    cli.interrupts.press();
    expect(await ended).toBe(130);
    expect(cli.terminal.outText).toBe('one\ntwo\n');
    expect(cli.terminal.errText).toContain('replaced by a new one');
    expect(cli.api.requests[1]?.headers['last-event-id']).toBe('9-0123456789abcdef');
    expect(cli.interrupts.watched).toBe(0);
  });

  it.each(['agents logs db-1 app', 'agents logs db-1 app -f'])('%s says at once why there is nothing', async (line) => {
    cli.api.answer(LOG, answerProblem('agent/unreachable', 'the agent db-1 cannot be reached'));
    expect(await cli.run(line)).not.toBe(0);
    expect(cli.terminal.errText).toContain('cannot be reached');
  });
});
