import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeLogDisk } from './node-log-disk.js';

describe('NodeLogDisk', () => {
  const disk = new NodeLogDisk();
  let folder: string;
  const at = (name: string): string => join(folder, name);
  const modeOf = (path: string): number => statSync(path).mode & 0o777;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scriptmesh-logs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes folders and files for their owner only', async () => {
    await disk.makeFolder(at('logs'));
    await disk.append(at('logs/a.log'), Buffer.from('line\n'));
    disk.appendNow(at('logs/b.log'), Buffer.from('line\n'));
    await disk.claim(at('logs/c.log'));
    expect(modeOf(at('logs'))).toBe(0o700);
    for (const name of ['a', 'b', 'c']) expect(modeOf(at(`logs/${name}.log`))).toBe(0o600);
  });

  it('closes a file of 0.2 to others, and appends to it', async () => {
    writeFileSync(at('a.log'), 'old\n');
    chmodSync(at('a.log'), 0o644);
    expect(await disk.append(at('a.log'), Buffer.from('new\n'))).toBe(4);
    expect(readFileSync(at('a.log'), 'utf8')).toBe('old\nnew\n');
    expect(modeOf(at('a.log'))).toBe(0o600);
  });

  it('looks at the beginning of a file, and finds none where none is', async () => {
    writeFileSync(at('a.log'), '2026-01-31 10:00:00 | x\n');
    expect(await disk.look(at('a.log'))).toMatchObject({ bytes: 24, beginning: '2026-01-31' });
    expect(await disk.look(at('b.log'))).toBeUndefined();
    expect(await disk.list(at('none'))).toEqual([]);
  });

  it.runIf(process.platform !== 'win32')('follows no symbolic link, and waits for no pipe', async () => {
    writeFileSync(at('victim'), 'untouched');
    symlinkSync(at('victim'), at('link.log'));
    symlinkSync(at('not-there'), at('dangling.log'));
    execFileSync('mkfifo', [at('pipe.log')]);
    mkdirSync(at('folder.log'));
    for (const name of ['link.log', 'dangling.log', 'pipe.log', 'folder.log']) {
      await expect(disk.append(at(name), Buffer.from('line\n'))).rejects.toThrow();
      expect(() => disk.appendNow(at(name), Buffer.from('line\n'))).toThrow();
    }
    for (const name of ['link.log', 'pipe.log']) await expect(disk.look(at(name))).rejects.toThrow();
    await expect(disk.compress(at('link.log'))).rejects.toThrow();
    expect(await disk.claim(at('dangling.log'))).toBe(false);
    expect(readFileSync(at('victim'), 'utf8')).toBe('untouched');
    expect(existsSync(at('not-there'))).toBe(false);
    expect((await disk.list(folder)).map(({ name }) => name)).toEqual(['victim']);
  });

  it('compresses a file and removes it, for its owner only', async () => {
    const text = 'a line\n'.repeat(10_000);
    writeFileSync(at('a.log'), text);
    await disk.compress(at('a.log'));
    expect(readdirSync(folder)).toEqual(['a.log.gz']);
    expect(gunzipSync(readFileSync(at('a.log.gz'))).toString()).toBe(text);
    expect(modeOf(at('a.log.gz'))).toBe(0o600);
  });

  it('leaves a file alone that another process compresses, and cleans up when it is gone', async () => {
    writeFileSync(at('a.log'), 'line\n');
    writeFileSync(at('a.log.gz.tmp'), 'half of it');
    await disk.compress(at('a.log'));
    expect(readdirSync(folder).sort()).toEqual(['a.log', 'a.log.gz.tmp']);
    await disk.compress(at('gone.log'));
    expect(readdirSync(folder).sort()).toEqual(['a.log', 'a.log.gz.tmp']);
  });

  it('claims a name once, and says when there is nothing to rename', async () => {
    expect(await disk.claim(at('a.log'))).toBe(true);
    expect(await disk.claim(at('a.log'))).toBe(false);
    expect(await disk.rename(at('gone.log'), at('b.log'))).toBe(false);
    await disk.remove(at('gone.log'));
  });
});
