import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { withLogContext } from './log-context.js';
import { NestLogAdapter } from './nest-log-adapter.js';
import { WinstonLogger, type WinstonLoggerOptions } from './winston-logger.js';

const CANARY = 'canary-0123456789abcdef';

/** A logger, and the text that came out of it. */
function aLogger(options: Partial<WinstonLoggerOptions> = {}) {
  const stream = new PassThrough();
  const log = new WinstonLogger({ program: 'trial', level: 'debug', readable: false, stream, ...options });
  const text = (): string => (stream.read() as Buffer | null)?.toString() ?? '';
  const lines = (): readonly Record<string, unknown>[] =>
    text()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, text, lines, stream };
}

describe('WinstonLogger', () => {
  it('writes one line of JSON for each event', () => {
    const { log, lines } = aLogger();
    log.info('run.dispatched', { runId: 'r1', waitMs: 3 });
    log.error('run.failed', { error: new Error('boom') });
    const [first, second] = lines();
    expect(first).toMatchObject({ level: 'info', program: 'trial', event: 'run.dispatched', runId: 'r1', waitMs: 3 });
    expect(Date.parse(String(first?.['timestamp']))).not.toBeNaN();
    expect(second).toMatchObject({ level: 'error', error: { name: 'Error', message: 'boom' } });
  });

  it('is silent below its level', () => {
    const { log, text } = aLogger({ level: 'warn' });
    log.info('quiet');
    log.debug('quiet');
    expect(text()).toBe('');
  });

  it('keeps its own fields when facts have the same names', () => {
    const { log, lines } = aLogger();
    log.info('here', { level: 'x', event: 'y', program: 'z', message: 'm', timestamp: 't' });
    expect(lines()[0]).toMatchObject({ level: 'info', event: 'here', program: 'trial', level_: 'x', message_: 'm' });
  });

  it('adds the fields of the context, to what is awaited in it too, and to nothing else', async () => {
    const { log, lines } = aLogger();
    await withLogContext({ requestId: 'q1' }, async () => {
      await Promise.resolve();
      withLogContext({ runId: 'r1' }, () => log.info('inner'));
      log.info('outer');
    });
    log.info('outside');
    expect(lines().map(({ event, requestId, runId }) => [event, requestId, runId])).toEqual([
      ['inner', 'q1', 'r1'],
      ['outer', 'q1', undefined],
      ['outside', undefined, undefined],
    ]);
  });

  it.each([true, false])('shows no canary, wherever it comes from (readable: %s)', (readable) => {
    const { log, text } = aLogger({ readable });
    log.registerSecret(CANARY);
    log.info(`event ${CANARY}`, { [CANARY]: CANARY, deep: { list: [CANARY] }, url: `/x?k=${CANARY}` });
    log.error('failed', { error: new Error(CANARY, { cause: new Error(`caused by ${CANARY}`) }) });
    withLogContext({ given: CANARY }, () => log.warn('context'));
    new NestLogAdapter(log).error(new Error(CANARY), `stack ${CANARY}`, CANARY);
    const written = text();
    expect(written.split('\n').length).toBeGreaterThan(4);
    expect(written).not.toContain(CANARY);
  });

  it('writes readable lines with the stack below', () => {
    const { log, text } = aLogger({ readable: true });
    log.warn('agent.lost', { agent: 'db-3', why: 'no answer', facts: { a: 1 } });
    log.error('failed', { error: new TypeError('boom', { cause: new Error('root') }) });
    const [line, failed, frame] = text().split('\n');
    expect(line).toMatch(/^\S+Z \| WARN \| trial \| agent\.lost agent=db-3 why="no answer" facts={"a":1}$/);
    expect(failed).toMatch(/failed error="TypeError: boom"$/);
    expect(frame).toMatch(/^\s+at /);
  });

  it('lets nobody forge lines or speak to the terminal', () => {
    const { log, text } = aLogger({ readable: true });
    log.info('name.refused\nFORGED', { name: 'x\nFORGED line', other: '\u001b[31m\u202e\u009b', list: ['\u001b'] });
    log.error('failed', { error: new Error('one\nFORGED') });
    const lines = text().split('\n');
    expect(lines.filter((line) => line.startsWith('FORGED'))).toEqual([]);
    expect(lines.join('')).not.toMatch(/\p{Cc}|\u202e/u);
  });

  it('writes the line even when a field cannot be read', () => {
    const { log, lines } = aLogger();
    const trap = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new Error('trap');
      },
    });
    log.info('here', { trap });
    expect(lines()[0]).toMatchObject({ event: 'here', unreadableFields: 'Error: trap' });
  });

  it('goes on when nobody reads any more', () => {
    const { log, stream } = aLogger();
    expect(() => stream.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))).not.toThrow();
    expect(() => log.info('here')).not.toThrow();
  });
});
