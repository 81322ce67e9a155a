import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wholeOf } from '../domain/byte-range.js';
import { parseFilePath } from '../domain/file-path.js';
import { DataHome } from '../test-support/data-home.js';
import { DiskDataFolder } from './disk-data-folder.js';
import { byDescriptor, byRealPath } from './place.js';

describe.each([
  ['by descriptor', byDescriptor],
  ['by real path', byRealPath],
])('DiskDataFolder, places found %s', (_name, way) => {
  let home: DataHome;
  let folder: DiskDataFolder;
  beforeEach(() => {
    home = new DataHome();
    folder = new DiskDataFolder(home.data, way);
  });
  afterEach(() => {
    expect(home.countOpen()).toBe(0);
    home.remove();
  });

  async function read(path: string, from: DiskDataFolder = folder): Promise<string> {
    const file = await from.openFile(parseFilePath(path));
    try {
      const pieces: Uint8Array[] = [];
      for await (const piece of file.read(wholeOf(file.bytes))) pieces.push(piece);
      return Buffer.concat(pieces).toString('utf8');
    } finally {
      await file.close();
    }
  }
  const list = (path = '', after: string | null = null, limit = 50) => folder.list(parseFilePath(path), after, limit);
  const codeOf = (asked: Promise<unknown>) =>
    asked.then(
      () => 'given',
      (error: { code?: string }) => error.code,
    );

  it('reads files, also through links that stay inside', async () => {
    home.write('a/b.txt', 'hello');
    home.link('link.txt', 'a/b.txt');
    home.link('folder', home.at('a'));
    expect(await Promise.all([read('a/b.txt'), read('link.txt'), read('folder/b.txt')])).toEqual(
      Array(3).fill('hello'),
    );
  });

  it('takes a data folder that is itself reached by a link', async () => {
    home.write('a.txt', 'hello');
    symlinkSync(home.data, `${home.path}/linked`);
    expect(await read('a.txt', new DiskDataFolder(`${home.path}/linked`, way))).toBe('hello');
  });

  it('refuses links that lead out, and tells nothing of what is there', async () => {
    home.link('file', home.secret);
    home.link('up', '..');
    home.link('root', '/');
    home.link('proc', '/proc/self');
    home.link('device', '/dev/zero');
    mkdirSync(`${home.path}/data-twin`);
    writeFileSync(`${home.path}/data-twin/x`, 'x');
    home.link('twin', '../data-twin');
    const paths = ['file', 'up/secret.txt', 'root/etc/passwd', 'proc/environ', 'device', 'twin/x'];
    const guesses = ['up/not-there', 'root/not/there', 'root/root/.ssh/id_rsa', 'proc/fd/9999', 'file/x'];
    for (const path of [...paths, ...guesses])
      expect([path, await codeOf(read(path))]).toEqual([path, 'file/unsafe-path']);
    for (const path of ['up', 'root', 'proc', 'twin', 'root/etc', 'root/nowhere'])
      expect(await codeOf(list(path))).toBe('file/unsafe-path');
    expect((await list()).entries).toEqual([]);
  });

  it('answers that there is no such file, folder or data folder', async () => {
    home.write('a.txt', 'x');
    mkdirSync(home.at('sub'));
    home.link('loop', 'loop');
    home.link('dangling', 'nothing');
    for (const path of ['nothing', 'a.txt/x', 'sub/x', 'loop', 'dangling', 'sub', '', 'x'.repeat(300)])
      expect([path, await codeOf(read(path))]).toEqual([path, 'file/not-found']);
    for (const path of ['nothing', 'a.txt', 'loop']) expect(await codeOf(list(path))).toBe('file/not-found');
    rmSync(home.data, { recursive: true });
    await expect(list()).rejects.toMatchObject({
      code: 'file/not-found',
      hint: expect.stringContaining('SCRIPT_MESH_DATA_DIR'),
    });
  });

  it('opens no FIFO and no socket, and leaves them out of lists', async () => {
    home.fifo('fifo');
    await home.socket('socket');
    home.link('to-fifo', 'fifo');
    home.write('file', 'x');
    for (const path of ['fifo', 'socket', 'to-fifo'])
      await expect(read(path)).rejects.toMatchObject({
        code: 'file/not-found',
        detail: `"${path}" is neither a file nor a folder`,
      });
    expect((await list()).entries.map(({ name }) => name)).toEqual(['file']);
  });

  it('lists files and folders by name, a page at a time', async () => {
    home.write('b.txt', '12345');
    utimesSync(home.at('b.txt'), 1000, 1000);
    mkdirSync(home.at('a'));
    home.link('c', 'b.txt');
    home.link('d', home.secret);
    home.write('%2e', 'cannot be asked for');
    home.write('line\nbreak', 'neither');
    home.write('e', '');
    const first = await list('', null, 2);
    expect(first).toEqual({
      entries: [
        { name: 'a', path: 'a', kind: 'folder', bytes: null, modifiedMs: expect.any(Number) as number },
        { name: 'b.txt', path: 'b.txt', kind: 'file', bytes: 5, modifiedMs: 1_000_000 },
      ],
      more: 'b.txt',
    });
    const second = await list('', first.more, 2);
    expect([second.entries.map(({ name, bytes }) => [name, bytes]), second.more]).toEqual([[['c', 5]], 'd']);
    expect(await list('', second.more, 2)).toMatchObject({ entries: [{ name: 'e', bytes: 0 }], more: null });
    expect(await list('a')).toEqual({ entries: [], more: null });
  });

  it('gives the paths of a folder from the data folder down, by the name that was asked for', async () => {
    home.write('real/x', '1');
    home.link('linked', 'real');
    expect((await list('linked')).entries).toMatchObject([{ name: 'x', path: 'linked/x' }]);
  });

  it('reads no further than the file reached when it was opened', async () => {
    home.write('log', 'first');
    const file = await folder.openFile(parseFilePath('log'));
    appendFileSync(home.at('log'), ' and more');
    const pieces: string[] = [];
    for await (const piece of file.read(wholeOf(file.bytes))) pieces.push(Buffer.from(piece).toString());
    await file.close();
    expect([file.bytes, pieces]).toEqual([5, ['first']]);
  });

  it('goes on with the file that was opened when its name means another one', async () => {
    home.write('a', 'the first');
    const file = await folder.openFile(parseFilePath('a'));
    renameSync(home.at('a'), home.at('b'));
    symlinkSync(home.secret, home.at('a'));
    for await (const piece of file.read(wholeOf(file.bytes))) expect(Buffer.from(piece).toString()).toBe('the first');
    await file.close();
  });

  it('says when bytes are gone that were there', async () => {
    home.write('a', 'x'.repeat(1000));
    const file = await folder.openFile(parseFilePath('a'));
    truncateSync(home.at('a'), 10);
    await expect(file.read({ first: 500, last: 999 })[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'file/unreadable',
    });
    await file.close();
  });

  it('has another version for another content, and the same one for the same', async () => {
    const versionOf = async () => {
      const file = await folder.openFile(parseFilePath('a'));
      await file.close();
      return file.version;
    };
    home.write('a', 'x');
    const first = await versionOf();
    expect(await versionOf()).toBe(first);
    appendFileSync(home.at('a'), 'y');
    expect(await versionOf()).not.toBe(first);
  });
});
