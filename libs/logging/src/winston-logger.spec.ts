import { PassThrough, Writable } from 'node:stream';
import { MovedClock } from '@scriptmesh/testing';
import { describe, expect, it } from 'vitest';
import { LogFile } from './files/log-file.js';
import { localTimestamp } from './files/local-time.js';
import { noteInLogContext, withLogContext } from './log-context.js';
import { NestLogAdapter } from './nest-log-adapter.js';
import { MemoryLogDisk } from './test-support/memory-log-disk.js';
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

  it('adds what a context learns later to the lines after it, and to no other context', () => {
    const { log, lines } = aLogger();
    noteInLogContext({ runId: 'nobody' });
    withLogContext({ requestId: 'q1' }, () => {
      withLogContext({}, () => noteInLogContext({ runId: 'inner' }));
      log.info('before');
      noteInLogContext({ runId: 'r1' });
      log.info('after');
    });
    log.info('outside');
    expect(lines().map(({ runId }) => runId)).toEqual([undefined, 'r1', undefined]);
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

describe('WinstonLogger with a file', () => {
  /** A logger with a file on a disk in memory. */
  function aFileLogger() {
    const clock = new MovedClock();
    const disk = new MemoryLogDisk(clock);
    const bounds = { maxFiles: 10, maxBytes: 100_000_000 };
    const file = new LogFile({ folder: '/logs', program: 'trial', bounds, clock, staysUp: false, disk });
    const shown: Record<string, unknown>[] = [];
    const stream = new Writable({
      write: (line: Buffer, _, done) => {
        shown.push(JSON.parse(line.toString()) as Record<string, unknown>);
        done();
      },
    });
    const { log } = aLogger({ file, clock, stream });
    const fileText = (): string => disk.text('/logs/ScriptMesh-trial.log');
    return { log, shown, clock, disk, fileText };
  }

  it('writes a line for each event there, with the ids of its context and a stack in the same line', async () => {
    const { log, shown, clock, fileText } = aFileLogger();
    withLogContext({ requestId: 'q1', runId: 'r1' }, () => {
      log.info('run.accepted', { script: 'two words' });
      log.error('run.failed', { error: new TypeError('boom', { cause: new Error('root') }) });
    });
    await log.close();
    const at = localTimestamp(clock.nowMs());
    const [first, second, end] = fileText().split('\n');
    expect(first).toBe(`${at} | INFO | trial | run.accepted requestId=q1 runId=r1 script="two words"`);
    expect(second?.startsWith(`${at} | ERROR | trial | run.failed requestId=q1 runId=r1 error="TypeError: boom"`)).toBe(
      true,
    );
    expect(second).toMatch(/ at .+ caused by Error: root/);
    expect(end).toBe('');
    expect(shown[0]).toMatchObject({ event: 'run.accepted', timestamp: '2026-01-01T00:00:00.000Z' });
  });

  it('shows no canary there, wherever it comes from', async () => {
    const { log, fileText } = aFileLogger();
    log.registerSecret(CANARY);
    log.info(`event ${CANARY}`, {
      [CANARY]: CANARY,
      deep: { list: [CANARY] },
      url: `/x?k=${CANARY}`,
      apiKey: 'other-key',
    });
    log.error('failed', { error: new Error(CANARY, { cause: new Error(`caused by ${CANARY}`) }) });
    withLogContext({ given: CANARY }, () => log.warn('context'));
    log.warn('\nFORGED', { name: '\nFORGED' });
    log.flushNow();
    expect(fileText().trimEnd().split('\n')).toHaveLength(4);
    for (const hidden of [CANARY, 'other-key', '\nFORGED']) expect(fileText()).not.toContain(hidden);
  });

  it('has every line of a burst in hand when the process ends in the same moment', () => {
    const { log, fileText } = aFileLogger();
    for (let line = 0; line < 2_000; line += 1) log.info('burst', { line });
    log.flushNow();
    expect(fileText().trimEnd().split('\n')).toHaveLength(2_000);
  });

  it('warns on the console when the file cannot be written, and of lines that were lost in both places', async () => {
    const { log, shown, clock, disk, fileText } = aFileLogger();
    disk.roomBytes = 0;
    log.info('first');
    await clock.advance(100);
    expect(shown.at(-1)).toMatchObject({
      level: 'warn',
      event: 'log.file-failed',
      path: '/logs/ScriptMesh-trial.log',
      error: { code: 'ENOSPC' },
    });
    for (let line = 0; line < 3_000; line += 1) log.debug('flood', { text: 'x'.repeat(1_000) });
    disk.roomBytes = Number.POSITIVE_INFINITY;
    await clock.advance(5_000);
    await clock.advance(100);
    const told = shown.at(-1);
    expect(told).toMatchObject({ event: 'log.lines-dropped', why: 'the disk was too slow or full' });
    expect(fileText()).toContain(`log.lines-dropped lines=${String(told?.['lines'])} `);
    await log.close();
  });
});
