import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LOG_PART_BYTES, type LogAsk } from '@scriptmesh/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFiles } from './log-files.js';
import type { LogSource } from './log-source.js';

const ASK: LogAsk = {
  log: 'app',
  file: null,
  fileId: null,
  tailLines: null,
  fromOffset: null,
  sinceMs: null,
  untilMs: null,
  keeping: null,
};
const at = (time: string): number => Date.parse(time);

describe('log files', () => {
  let home: string;
  beforeEach(() => (home = realpathSync(mkdtempSync(join(tmpdir(), 'scriptmesh-logs-')))));
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  function put(path: string, text: string | Buffer): string {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
    return join(home, path);
  }
  function files(fields: Partial<LogSource> = {}): LogFiles {
    const source: LogSource = {
      name: 'app',
      description: null,
      root: home,
      folders: ['logs'],
      pattern: 'app.log',
      maxBytes: 1024 * 1024,
      ...fields,
    };
    return new LogFiles(
      () => Promise.resolve({ sources: new Map([['app', source]]), faults: [] }),
      [join(home, 'cfg')],
    );
  }
  const text = async (ask: Partial<LogAsk>, of = files()) =>
    Buffer.from((await of.read({ ...ASK, ...ask })).bytes).toString();

  it('gives the whole, the last lines, and what lies beyond an offset', async () => {
    put('logs/app.log', 'one\ntwo\nthree\n');
    expect(await text({})).toBe('one\ntwo\nthree\n');
    expect(await text({ tailLines: 2 })).toBe('two\nthree\n');
    expect(await text({ tailLines: 0 })).toBe('');
    expect(await text({ tailLines: 99 })).toBe('one\ntwo\nthree\n');
    expect(await text({ fromOffset: 4 })).toBe('two\nthree\n');
    appendFileSync(join(home, 'logs/app.log'), 'fo');
    expect(await text({ tailLines: 1 })).toBe('fo');
    expect(await text({ tailLines: 2 })).toBe('three\nfo');
  });

  it('goes through a large file in bounded parts, and finds its last lines across blocks', async () => {
    const lines = Array.from({ length: 40_000 }, (_, n) => `line ${n} ${'x'.repeat(10)}\n`);
    put('logs/app.log', lines.join(''));
    const of = files({ maxBytes: 64 * 1024 * 1024 });
    let part = await of.read(ASK);
    let all = Buffer.from(part.bytes).toString();
    while (part.nextOffset < part.size) {
      expect(part.bytes.byteLength).toBeLessThanOrEqual(LOG_PART_BYTES);
      part = await of.read({ ...ASK, fileId: part.fileId, fromOffset: part.nextOffset });
      all += Buffer.from(part.bytes).toString();
    }
    expect(all).toBe(lines.join(''));
    expect(await text({ tailLines: 9_000 }, of)).toBe(lines.slice(-9_000).join('').slice(0, LOG_PART_BYTES));
  });

  it('shows no more than its bound, from the beginning of a line on', async () => {
    put('logs/app.log', `${'secret\n'.repeat(1000)}aaaa\nbbbb\n`);
    const of = files({ maxBytes: 12 });
    expect(await text({}, of)).toBe('aaaa\nbbbb\n');
    expect(await text({ tailLines: 500 }, of)).toBe('aaaa\nbbbb\n');
    expect((await of.read({ ...ASK, fromOffset: 0 })).bytes.byteLength).toBeLessThanOrEqual(12);
  });

  it('keeps lines of a range of time, and those without a time with the line before', async () => {
    put(
      'logs/app.log',
      [
        'before any time',
        '2026-01-01T10:00:00Z old',
        '  stack of old',
        '[2026-01-01T12:00:00.500+01:00] eleven',
        '{"timestamp":"2026-01-01T11:30:00.000Z","level":"info"}',
        '  stack of json',
        '2026-01-01T13:00:00Z late',
        '2026-99-01T13:00:00Z no time\n',
      ].join('\n'),
    );
    const sinceMs = at('2026-01-01T11:00:00Z');
    const untilMs = at('2026-01-01T12:00:00Z');
    const middle = [
      '[2026-01-01T12:00:00.500+01:00] eleven',
      '{"timestamp":"2026-01-01T11:30:00.000Z","level":"info"}',
      '  stack of json\n',
    ].join('\n');
    expect(await text({ sinceMs, untilMs })).toBe(middle);
    expect(await text({ sinceMs, untilMs, tailLines: 2 })).toBe(middle.split('\n').slice(1).join('\n'));
    expect(await text({ untilMs: at('2026-01-01T10:30:00Z') })).toBe(
      'before any time\n2026-01-01T10:00:00Z old\n  stack of old\n',
    );
    expect(await text({ sinceMs: at('2027-01-01T00:00:00Z'), tailLines: 5 })).toBe('');
  });

  it('takes a time without a zone as the own time of the machine', async () => {
    put('logs/app.log', '2026-01-01 10:00:00,123 one\n2026-01-01 11:00:00 two\n');
    expect(await text({ sinceMs: new Date(2026, 0, 1, 10, 30).getTime() })).toBe('2026-01-01 11:00:00 two\n');
  });

  it('ranges over many blocks lose no line and no state between two parts', async () => {
    const lines = Array.from({ length: 30_000 }, (_, n) =>
      n % 2 === 0 ? `2026-01-01T00:00:0${n % 4}Z ${n}\n` : `  more of ${n - 1}\n`,
    );
    put('logs/app.log', lines.join(''));
    const of = files({ maxBytes: 64 * 1024 * 1024 });
    const range = { sinceMs: at('2026-01-01T00:00:01Z'), untilMs: null };
    let part = await of.read({ ...ASK, ...range });
    let all = Buffer.from(part.bytes).toString();
    while (part.nextOffset < part.size) {
      const { fileId, nextOffset, keeping } = part;
      part = await of.read({ ...ASK, ...range, fileId, fromOffset: nextOffset, keeping });
      all += Buffer.from(part.bytes).toString();
    }
    expect(all).toBe(lines.filter((_, n) => n % 4 >= 2).join(''));
  });

  it('says when the file is another one, or shorter', async () => {
    const path = put('logs/app.log', 'one\ntwo\n');
    const { fileId } = await files().read(ASK);
    truncateSync(path, 2);
    expect(await files().read({ ...ASK, fileId, fromOffset: 8 })).toMatchObject({
      changed: 'truncated',
      nextOffset: 0,
    });
    renameSync(path, `${path}.1`);
    put('logs/app.log', 'a new one that is longer\n');
    const changed = await files().read({ ...ASK, fileId, fromOffset: 2 });
    expect(changed).toMatchObject({ changed: 'rotated', nextOffset: 0 });
    expect(changed.bytes.byteLength).toBe(0);
  });

  it('lists what fits a pattern, the newest first, and reads only that', async () => {
    for (const [index, name] of ['app-1.log', 'app-2.log', 'other.log', '.app-3.log'].entries()) {
      utimesSync(put(`logs/${name}`, name), 1000 + index, 1000 + index);
    }
    const of = files({ pattern: 'app-?.log' });
    expect((await of.list()).logs[0]?.files.map(({ name }) => name)).toEqual(['app-2.log', 'app-1.log']);
    expect(await text({}, of)).toBe('app-2.log');
    expect(await text({ file: 'app-1.log' }, of)).toBe('app-1.log');
    for (const file of ['other.log', '.app-3.log', '../cfg/x', 'logs/app-1.log', 'app-9.log', '..', 'app-\n.log']) {
      await expect(of.read({ ...ASK, file })).rejects.toThrow(/log\/not-found/);
    }
    await expect(of.read({ ...ASK, log: '__proto__' })).rejects.toThrow(/log\/not-found/);
  });

  it.each([
    ['**********************************x', 'a'.repeat(255), false],
    ['*a*b*c', `${'ab'.repeat(100)}c`, true],
    ['?.log', 'ä.log', true],
    ['[a-z].log', 'a.log', false],
  ])('matches %s in bounded time', async (pattern, name, fits) => {
    put(`logs/${name}`, 'x');
    expect((await files({ pattern }).list()).logs[0]?.files).toHaveLength(fits ? 1 : 0);
  });

  describe('refuses', () => {
    const refusal = (of = files()): Promise<string> =>
      of.read(ASK).then(
        () => 'served',
        (error: Error) => error.message,
      );

    it('a link, to the outside or not, and a linked folder on the way (C2, G2)', async () => {
      put('logs/real.log', 'x');
      symlinkSync('/etc/passwd', join(home, 'logs/app.log'));
      expect(await refusal()).toContain('log/unreadable');
      expect((await files().list()).logs[0]?.files).toEqual([]);
      symlinkSync(join(home, 'logs'), join(home, 'linked'));
      expect(await refusal(files({ folders: ['linked'], pattern: 'real.log' }))).toContain('by a symbolic link');
    });

    it('a hard link, which may be a key under another name', async () => {
      linkSync(put('cfg/agent.key', 'the key'), (put('logs/x', ''), join(home, 'logs/app.log')));
      expect(await refusal()).toContain('hard link');
    });

    it('a FIFO, a folder and a device at once (G3)', async () => {
      mkdirSync(join(home, 'logs/app.log'), { recursive: true });
      expect(await refusal()).toContain('not a regular file');
      rmSync(join(home, 'logs/app.log'), { recursive: true });
      execFileSync('mkfifo', [join(home, 'logs/app.log')]);
      expect(await refusal()).toContain('not a regular file');
    });

    it('what is in /proc or /dev, and secrets, even when a root leads there', async () => {
      put('cfg/agent.key', 'k');
      put('cfg/notes.log', 'k');
      put('logs/tls.pem', 'k');
      symlinkSync('/proc/self', join(home, 'root'));
      expect(await refusal(files({ root: join(home, 'root'), folders: [], pattern: 'environ' }))).toContain(
        'log/unreadable',
      );
      expect(await refusal(files({ folders: ['cfg'], pattern: 'notes.log' }))).toContain('secrets');
      expect(await refusal(files({ root: join(home, 'cfg'), folders: [], pattern: 'agent.key' }))).toContain('secret');
      expect((await files({ pattern: '*' }).list()).logs[0]?.files).toEqual([]);
    });

    it('a path that is swapped for a link while it is read, however often (G2)', async () => {
      put('logs/app.log', 'fine\n');
      mkdirSync(join(home, 'outside'));
      writeFileSync(join(home, 'outside/app.log'), 'SECRET\n');
      const [logs, aside] = [join(home, 'logs'), join(home, 'aside')];
      const state = { isSwapping: true };
      const swaps = (async () => {
        while (state.isSwapping) {
          renameSync(logs, aside);
          symlinkSync(join(home, 'outside'), logs);
          await new Promise((resolve) => setImmediate(resolve));
          rmSync(logs);
          renameSync(aside, logs);
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      for (let tries = 0; tries < 500; tries += 1) {
        const seen = await text({}).catch((error: Error) => error.message);
        expect(seen).not.toContain('SECRET');
      }
      state.isSwapping = false;
      await swaps;
      expect(await text({})).toBe('fine\n');
    });

    it('nothing of a sparse file but its bounded end', async () => {
      truncateSync(put('logs/app.log', ''), 8 * 1024 ** 4);
      appendFileSync(join(home, 'logs/app.log'), '\nend\n');
      expect(await text({ tailLines: 1 })).toBe('end\n');
      expect((await files().read(ASK)).bytes.byteLength).toBeLessThanOrEqual(LOG_PART_BYTES);
    });
  });
});
