import { truncateSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiskDataFolder } from './adapters/disk-data-folder.js';
import { TextFiles } from './index.js';
import { DataHome } from './test-support/data-home.js';

const MIB = 1024 * 1024;

describe('TextFiles', () => {
  let home: DataHome;
  let files: TextFiles;
  beforeEach(() => {
    home = new DataHome();
    files = new TextFiles(new DiskDataFolder(home.data));
  });
  afterEach(() => {
    expect(home.countOpen()).toBe(0);
    home.remove();
  });

  it.each([
    ['a\r\nb\rc\nd\r\r\n', 'a\nb\nc\nd\n\n'],
    ['', ''],
    ['no line end', 'no line end'],
    ['\ufeffmark ä 日本', '\ufeffmark ä 日本'],
  ])('reads %j as %j', async (written, read) => {
    home.write('sub/a.txt', written);
    expect(await files.readText('sub/a.txt')).toBe(read);
  });

  it('puts characters together that pieces split, and a sign in the place of what is no text', async () => {
    const long = `${'x'.repeat(256 * 1024 - 1)}ä\r\n`;
    home.write('long', Buffer.concat([Buffer.from(long), Buffer.from([0xff])]));
    expect(await files.readText('long')).toBe(`${long.slice(0, -2)}\n\ufffd`);
  });

  it.each(['../secret.txt', '/etc/passwd', '%2e%2e%2fsecret.txt', 'a\\b', 'x\0', 'out'])(
    'calls %j outside of the folder',
    async (name) => {
      home.link('out', home.secret);
      await expect(files.readText(name)).rejects.toMatchObject({ code: 'file/unsafe-path' });
    },
  );

  it.each(['nothing', 'sub', '', 'fifo'])('has no text for %j', async (name) => {
    home.write('sub/a');
    home.fifo('fifo');
    await expect(files.readText(name)).rejects.toMatchObject({ code: 'file/not-found' });
  });

  it('reads 16 MiB, and refuses a byte more without reading any', async () => {
    home.write('big');
    truncateSync(home.at('big'), 16 * MIB);
    expect(await files.readText('big')).toHaveLength(16 * MIB);
    truncateSync(home.at('big'), 16 * MIB + 1);
    await expect(files.readText('big')).rejects.toMatchObject({
      code: 'file/too-large',
      hint: expect.stringContaining('files read'),
    });
  });
});
