import { MovedClock } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryLogDisk } from '../test-support/memory-log-disk.js';
import { localDay, localTimestamp, nextLocalMidnight } from './local-time.js';
import { LogFile, type LogFileOptions } from './log-file.js';

const CURRENT = '/logs/ScriptMesh-trial.log';
const DAY_MS = 86_400_000;

describe('LogFile', () => {
  let clock: MovedClock;
  let disk: MemoryLogDisk;
  let told: string[];
  let files: LogFile[];
  beforeEach(() => {
    clock = new MovedClock();
    disk = new MemoryLogDisk(clock);
    told = [];
    files = [];
  });
  afterEach(async () => {
    for (const file of files) await file.close();
    expect(clock.waitingTimers).toBe(0);
  });

  const open = (more: Partial<LogFileOptions> = {}): LogFile => {
    const bounds = { maxFiles: 100, maxBytes: 40_000_000 };
    const file = new LogFile({ folder: '/logs', program: 'trial', bounds, clock, staysUp: true, disk, ...more });
    file.listen({
      onFault: (path, error) => told.push(`fault ${path} ${(error as { code: string }).code}`),
      onDropped: (lines) => {
        told.push(`dropped ${lines}`);
        write(file, `dropped ${lines}`);
      },
    });
    files.push(file);
    return file;
  };
  const write = (file: LogFile, text: string): void => file.append(`${localTimestamp(clock.nowMs())} | ${text}`);
  const toMidnight = (): Promise<void> => clock.advance(nextLocalMidnight(clock.nowMs()) - clock.nowMs());
  const textsOf = (path: string): readonly string[] =>
    disk
      .text(path)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(/^.* \| /, ''));
  const dated = (day: string): string => `/logs/ScriptMesh-trial-${day}.log`;

  it('writes lines together, in the order they came', async () => {
    const file = open();
    write(file, 'one');
    write(file, 'two');
    expect(disk.text(CURRENT)).toBe('');
    await clock.advance(100);
    expect(textsOf(CURRENT)).toEqual(['one', 'two']);
  });

  it('begins a new file at midnight although nobody has anything to say', async () => {
    const today = localDay(clock.nowMs());
    const file = open();
    write(file, 'of the first day');
    await clock.advance(100);
    await toMidnight();
    expect(textsOf(dated(today))).toEqual(['of the first day']);
    expect(disk.names).toEqual([`ScriptMesh-trial-${today}.log`, 'ScriptMesh-trial.log']);
    expect(disk.text(CURRENT)).toBe('');
  });

  it('parts lines at midnight by the day on which they were written', async () => {
    const today = localDay(clock.nowMs());
    await clock.advance(nextLocalMidnight(clock.nowMs()) - clock.nowMs() - 10);
    const file = open();
    disk.hold();
    write(file, 'before');
    await clock.advance(5);
    write(file, 'just before');
    await clock.advance(10);
    write(file, 'after');
    disk.letGo();
    await clock.advance(200);
    expect(textsOf(dated(today))).toEqual(['before', 'just before']);
    expect(textsOf(CURRENT)).toEqual(['after']);
  });

  it('goes on over many days, each in its file', async () => {
    const file = open();
    const days: string[] = [];
    for (let day = 0; day < 5; day += 1) {
      days.push(localDay(clock.nowMs()));
      write(file, `day ${day}`);
      await toMidnight();
    }
    expect(days.map((day) => textsOf(dated(day)))).toEqual([['day 0'], ['day 1'], ['day 2'], ['day 3'], ['day 4']]);
  });

  it('moves a file of an earlier day away at the start, by the date of its lines', async () => {
    disk.put(CURRENT, '2025-11-30 10:00:00 | INFO | trial | old\n');
    write(open(), 'new');
    await clock.advance(100);
    expect(textsOf('/logs/ScriptMesh-trial-2025-11-30.log.gz')).toEqual(['old']);
    expect(textsOf(CURRENT)).toEqual(['new']);
  });

  it('takes the date of its last change for a file whose lines tell none', async () => {
    disk.put(CURRENT, 'no date here | torn\n', clock.nowMs() - 2 * DAY_MS);
    write(open(), 'new');
    await clock.advance(100);
    expect(textsOf(dated(localDay(clock.nowMs() - 2 * DAY_MS)))).toEqual(['torn']);
  });

  it('appends to the file of this day', async () => {
    disk.put(CURRENT, `${localTimestamp(clock.nowMs())} | earlier\n`);
    write(open(), 'later');
    await clock.advance(100);
    expect(textsOf(CURRENT)).toEqual(['earlier', 'later']);
    expect(disk.names).toHaveLength(1);
  });

  it('writes over no dated file that is there, compressed or not', async () => {
    disk.put(dated('2025-12-30'), 'x | first\n');
    disk.put(`${dated('2025-12-01')}.gz`, 'x | packed\n');
    disk.put(CURRENT, '2025-12-30 10:00:00 | second\n');
    const first = open();
    await clock.advance(1);
    await first.close();
    disk.put(CURRENT, '2025-12-01 10:00:00 | third\n');
    open();
    await clock.advance(1);
    expect(textsOf(dated('2025-12-30'))).toEqual(['first']);
    expect(textsOf('/logs/ScriptMesh-trial-2025-12-30.1.log')).toEqual(['second']);
    expect(textsOf(`${dated('2025-12-01')}.gz`)).toEqual(['packed']);
    expect(textsOf('/logs/ScriptMesh-trial-2025-12-01.1.log.gz')).toEqual(['third']);
  });

  it('compresses files when they are seven days old, not before', async () => {
    const first = localDay(clock.nowMs());
    write(open(), 'old');
    for (let day = 0; day < 6; day += 1) await toMidnight();
    expect(disk.names).toContain(`ScriptMesh-trial-${first}.log`);
    await toMidnight();
    expect(disk.names).not.toContain(`ScriptMesh-trial-${first}.log`);
    expect(disk.names).toContain(`ScriptMesh-trial-${first}.log.gz`);
  });

  it('keeps no line waiting while large files are compressed', async () => {
    let finish = (): void => {};
    disk.compress = () => new Promise((resolve) => (finish = resolve));
    disk.put(dated('2025-12-01'), '2025-12-01 10:00:00 | large\n');
    const file = open();
    write(file, 'one');
    await clock.advance(100);
    await clock.advance(100);
    expect(textsOf(CURRENT)).toEqual(['one']);
    finish();
  });

  it('cuts a line that is too long for anybody', async () => {
    const file = open();
    file.append('ä'.repeat(1_000_000));
    await clock.advance(100);
    expect(disk.text(CURRENT)).toBe(`${'ä'.repeat(20_000)}[cut]\n`);
  });

  it('keeps no more files than allowed, the newest of them, and no others than its own', async () => {
    disk.put('/logs/ScriptMesh-other-2020-01-01.log', 'x');
    disk.put('/logs/notes.txt', 'x');
    const file = open({ bounds: { maxFiles: 3, maxBytes: 8_000_000 } });
    for (let day = 0; day < 6; day += 1) {
      write(file, `day ${day}`);
      await toMidnight();
    }
    const own = disk.names.filter((name) => name.startsWith('ScriptMesh-trial-'));
    expect(own.map((name) => textsOf(`/logs/${name}`)[0])).toEqual(['day 3', 'day 4', 'day 5']);
    expect(disk.names).toContain('ScriptMesh-other-2020-01-01.log');
    expect(disk.names).toContain('notes.txt');
  });

  it('stays within its bytes in a flood of one day, and keeps the newest lines', async () => {
    const file = open({ bounds: { maxFiles: 100, maxBytes: 1_000_000 } });
    for (let line = 0; line < 2_000; line += 1) {
      write(file, `${line} ${'x'.repeat(1_000)}`);
      if (line % 100 === 0) await clock.advance(100);
      expect(disk.totalBytes).toBeLessThanOrEqual(1_000_000);
    }
    await clock.advance(100);
    expect(textsOf(CURRENT).at(-1)).toMatch(/^1999 /);
    expect(disk.totalBytes).toBeGreaterThan(700_000);
    const parts = disk.names.filter((name) => /-\d+\.\d+\.log$/.test(name.replace(/-\d\d-\d\d\./, '-0.')));
    expect(parts.length).toBeGreaterThan(3);
  });

  describe('when the disk fails', () => {
    it('tells once, keeps what it can, and says how many lines were lost when it is well again', async () => {
      const file = open();
      disk.roomBytes = 0;
      for (let line = 0; line < 30_000; line += 1) write(file, `${line} ${'x'.repeat(100)}`);
      for (let second = 0; second < 60; second += 1) await clock.advance(1_000);
      expect(told).toEqual([`fault ${CURRENT} ENOSPC`]);
      disk.roomBytes = Number.POSITIVE_INFINITY;
      await clock.advance(5_000);
      write(file, 'well');
      await clock.advance(200);
      const texts = textsOf(CURRENT);
      const lost = Number(/^dropped (\d+)$/.exec(told[1] ?? '')?.[1]);
      expect(lost).toBeGreaterThan(10_000);
      expect(texts.filter((text) => text.includes('xxx'))).toHaveLength(30_000 - lost);
      expect(texts.slice(-2)).toEqual([`dropped ${lost}`, 'well']);
    });

    it('holds at most two megabytes of lines', async () => {
      const file = open();
      disk.hold();
      for (let line = 0; line < 50_000; line += 1) write(file, 'x'.repeat(100));
      disk.letGo();
      await clock.advance(1_000);
      expect(disk.totalBytes).toBeLessThan(2_200_000);
    });

    it('writes a line again, on a line of its own, of which the disk took a part', async () => {
      const file = open();
      write(file, 'whole');
      write(file, 'torn in the middle');
      disk.roomBytes = 45;
      await clock.advance(100);
      disk.roomBytes = Number.POSITIVE_INFINITY;
      await clock.advance(5_000);
      expect(textsOf(CURRENT)).toContain('torn in the middle');
      const lines = disk.text(CURRENT).trimEnd().split('\n');
      expect(lines).toHaveLength(3);
      expect(lines[2]?.startsWith(lines[1] ?? '')).toBe(true);
    });

    it('waits for a disk that does not answer no longer than two seconds, and never again', async () => {
      const file = open({ staysUp: false });
      write(file, 'one');
      disk.hold();
      await clock.advance(100);
      const closed = file.close();
      await clock.advance(2_000);
      await closed;
      file.flushNow();
      expect(disk.text(CURRENT)).toBe('');
      files = [];
    });
  });

  describe('at the end', () => {
    it('writes all lines before it is closed, and later ones at once', async () => {
      const file = open();
      for (let line = 0; line < 5_000; line += 1) write(file, String(line));
      await file.close();
      expect(textsOf(CURRENT)).toHaveLength(5_000);
      write(file, 'last words');
      expect(textsOf(CURRENT).at(-1)).toBe('last words');
    });

    it('writes them before it returns when the process ends now', () => {
      const file = open();
      write(file, 'crashed');
      file.flushNow();
      expect(textsOf(CURRENT)).toEqual(['crashed']);
    });
  });
});
