import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMeshError } from '@scriptmesh/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileVersion } from '../../../supervisor/index.js';
import { NodeHome } from '../test-support/node-home.js';

const isRoot = process.getuid?.() === 0;

describe('the check of a script before its run', () => {
  let home: NodeHome;
  beforeEach(() => {
    home = new NodeHome();
  });
  afterEach(() => home.remove());

  const check = async (name: string) => (await home.reader()).checkScript(name);
  const refusal = async (name: string): Promise<string> => {
    try {
      await check(name);
    } catch (error) {
      if (isMeshError(error)) return error.message;
      throw error;
    }
    return 'none';
  };

  it('gives the real path, the hash of the bytes and an argument array without a shell', async () => {
    home
      .listing({ name: 'hi', path: 'scripts/hi there.sh', timeoutSeconds: 5, maxConcurrent: 2 })
      .write('scripts/hi there.sh', '#!/bin/sh -e\n');
    const checked = await check('hi');
    const file = join(home.folder, 'scripts/hi there.sh');
    expect(checked).toEqual({
      name: 'hi',
      file,
      sha256: createHash('sha256').update('#!/bin/sh -e\n').digest('hex'),
      version: fileVersion(lstatSync(file, { bigint: true })),
      argv: ['/bin/sh', '-e', file],
      timeoutMs: 5000,
      maxConcurrent: 2,
    });
  });

  it('hashes a file of many blocks whole', async () => {
    const bytes = Buffer.alloc(300_000, 'abcdefg');
    home.listing('big.py').write('scripts/big.py', bytes);
    expect((await check('big')).sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('refuses other bytes than the manifest names, and takes those that it names (C3)', async () => {
    const sha256 = createHash('sha256').update('#!/bin/sh\n').digest('hex');
    home.listing({ name: 'a', path: 'a.sh', sha256 }).write('scripts/a.sh', '#!/bin/sh\n');
    expect(await check('a')).toMatchObject({ sha256 });
    home.write('scripts/a.sh', '#!/bin/sh\nrm -rf /\n');
    expect(await refusal('a')).toMatch(/^manifest\/hash-mismatch: scripts\/a\.sh .* scripts\[0\]\.sha256 says /);
    expect((await (await home.reader()).report()).report.scripts).toMatchObject([
      { name: 'a', problem: expect.stringContaining('manifest/hash-mismatch') },
    ]);
  });

  it('finds only what the manifest lists, by its very name', async () => {
    home.listing('a.sh').write('scripts/a.sh', '').write('scripts/b.sh', '');
    for (const name of ['b', 'A', 'a.sh', '../a', '__proto__', 'toString', 'constructor', '', 'a\0']) {
      expect(await refusal(name)).toMatch(/^script\/not-found: /);
    }
    const odd = [['a'], 0, null, undefined, { toString: () => 'a' }] as unknown as readonly string[];
    for (const name of odd) expect(await refusal(name)).toMatch(/^script\/not-found: /);
  });

  it('says that the file is gone, and where it was looked for', async () => {
    home.listing('gone.sh', 'sub/gone2.sh').folderAt('scripts');
    expect(await refusal('gone')).toBe(
      'script/file-missing: scripts/gone.sh of the script gone (scripts[0].path) is missing',
    );
    expect(await refusal('gone2')).toMatch(/^script\/file-missing/);
    rmSync(join(home.folder, 'scripts'), { recursive: true });
    expect(await refusal('gone')).toContain('the scripts folder is not there');
  });

  describe('is not led outside', () => {
    it('by a symbolic link to a file, inside or out', async () => {
      home.listing('out.sh', 'in.sh').write('scripts/real.sh', '#!/bin/sh\n').write('secret.sh', '#!/bin/sh\n');
      symlinkSync(join(home.folder, 'secret.sh'), join(home.folder, 'scripts/out.sh'));
      symlinkSync('real.sh', join(home.folder, 'scripts/in.sh'));
      expect(await refusal('out')).toBe(
        'manifest/unsafe-path: scripts/out.sh of the script out (scripts[0].path) is reached by a symbolic link (scripts/out.sh)',
      );
      expect(await refusal('in')).toMatch(/^manifest\/unsafe-path/);
    });

    it('by a parent that is a symbolic link', async () => {
      home.listing('sub/x.sh').folderAt('scripts').write('elsewhere/x.sh', '#!/bin/sh\n');
      symlinkSync('../elsewhere', join(home.folder, 'scripts/sub'));
      expect(await refusal('x')).toMatch(/^manifest\/unsafe-path.*\(scripts\/sub\)$/);
    });

    it('by a path that the manifest should not have, while its neighbours run', async () => {
      home
        .listing({ name: 'bad', path: '../secret.sh' }, 'good.sh')
        .write('scripts/good.sh', '')
        .write('secret.sh', '');
      expect(await refusal('bad')).toBe('manifest/unsafe-path: scripts[0].path: "../secret.sh" must not contain ".."');
      expect(await refusal('good')).toBe('none');
    });
  });

  describe('looks at permissions', () => {
    const strict = { name: 'x', path: 'sub/x.sh', description: 'new form' };
    const legacy = { name: 'x', path: 'sub/x.sh' };

    it.each([
      ['the file', 'scripts/sub/x.sh', 0o775, 0o757],
      ['its folder', 'scripts/sub', 0o775, 0o757],
      ['the scripts folder', 'scripts', 0o775, 0o757],
    ])('of %s', async (_, place, forGroup, forAll) => {
      home.listing(strict).folderAt('scripts').folderAt('scripts/sub').write('scripts/sub/x.sh', '#!/bin/sh\n');
      expect(await refusal('x')).toBe('none');
      chmodSync(join(home.folder, place), forGroup);
      expect(await refusal('x')).toContain(
        `manifest/unsafe-permissions: scripts/sub/x.sh of the script x (scripts[0].path) is not safe: ${place} can be written by its group`,
      );
      home.listing(legacy);
      expect(await refusal('x')).toBe('none');
      expect(home.logger.events.filter((event) => event.startsWith('manifest.unsafe-permissions')).join()).toContain(
        `${place} can be written by its group`,
      );
      chmodSync(join(home.folder, place), forAll);
      expect(await refusal('x')).toContain(`${place} can be written by everyone`);
    });

    it.skipIf(!isRoot)('and lets a sticky folder of root pass', async () => {
      home
        .listing(strict)
        .folderAt('scripts', 0o1777)
        .write('scripts/sub/x.sh', '#!/bin/sh\n')
        .folderAt('scripts', 0o1777);
      expect(await refusal('x')).toBe('none');
    });

    it.skipIf(!isRoot)('and at the owner', async () => {
      home.listing(strict).write('scripts/sub/x.sh', '#!/bin/sh\n');
      chownSync(join(home.folder, 'scripts/sub/x.sh'), 12_345, 0);
      expect(await refusal('x')).toContain('scripts/sub/x.sh belongs to user 12345');
    });

    it('and warns once, not at every run', async () => {
      home.listing(legacy).write('scripts/sub/x.sh', '#!/bin/sh\n', 0o775);
      const reader = await home.reader();
      await reader.checkScript('x');
      await reader.checkScript('x');
      expect(home.logger.events.filter((event) => event.startsWith('manifest.unsafe-permissions'))).toHaveLength(1);
    });
  });

  describe('says why a file cannot be started', () => {
    it('that is a folder or a FIFO, without hanging', async () => {
      home.listing('folder.sh', 'fifo.sh').folderAt('scripts/folder.sh');
      execFileSync('mkfifo', ['-m', '644', join(home.folder, 'scripts/fifo.sh')]);
      expect(await refusal('folder')).toMatch(/^script\/not-runnable: .* is a folder, not a file$/);
      expect(await refusal('fifo')).toMatch(/^script\/not-runnable: .* is a FIFO, not a file$/);
    });

    it('whose interpreter is missing, with its name, who asked for it and the PATH', async () => {
      home.listing('x.rb', { name: 'y', path: 'y.sh', interpreter: 'nosuchshell' }, 'z').folderAt('bin');
      home
        .write('scripts/x.rb', '#!/nowhere/ruby\n')
        .write('scripts/y.sh', '#!/bin/sh\n')
        .write('scripts/z', '#!/usr/bin/env nosuchlang\n');
      const reader = await home.reader(join(home.folder, 'bin'));
      const where = `which was not found on ${join(home.folder, 'bin')}`;
      await expect(reader.checkScript('x')).rejects.toThrow(`needs "ruby" (the ending .rb), ${where}`);
      await expect(reader.checkScript('y')).rejects.toThrow(`needs "nosuchshell" (scripts[1].interpreter), ${where}`);
      await expect(reader.checkScript('z')).rejects.toThrow(`needs "nosuchlang" (the shebang line), ${where}`);
    });

    it('whose shebang line ends in CRLF', async () => {
      home.listing('x.sh', 'y').write('scripts/x.sh', '#!/bin/sh\r\necho\r\n').write('scripts/y', '#!/bin/sh\r\n');
      expect(await refusal('x')).toMatch(/^script\/not-runnable: .*CRLF/);
      expect(await refusal('y')).toMatch(/^script\/not-runnable: .*CRLF/);
    });

    it('that is not executable and has no known ending', async () => {
      home.listing('x', 'y.txt').write('scripts/x', '#!/bin/sh\n', 0o644).write('scripts/y.txt', '', 0o644);
      expect(await refusal('x')).toContain('is not executable and its ending names no interpreter');
      expect(await refusal('y')).toContain('is not executable and its ending names no interpreter');
    });

    it('that the C library would hand to a shell', async () => {
      home.listing('x').write('scripts/x', 'echo surprise\n');
      expect(await refusal('x')).toContain('neither a program nor begun by a shebang line');
    });
  });

  describe('chooses how to start', () => {
    const argv = async (name: string) => (await check(name)).argv.slice(0, -1);

    it.each([
      ['x.sh', '', ['/bin/sh']],
      ['x.sh', '#!/nowhere/zsh\n', ['/bin/sh']],
      ['x.bash', '', [expect.stringMatching(/\/bash$/)]],
      ['x.js', '', [process.execPath]],
      ['x.mjs', '', [process.execPath]],
      ['x.pl', '#!/usr/bin/env -S sh -e\n', [expect.stringMatching(/\/sh$/), '-e']],
      ['x', '#!/bin/sh\n', ['/bin/sh']],
    ])('%s that begins with %j', async (file, text, expected) => {
      home.listing(file).write(`scripts/${file}`, text);
      expect(await argv('x')).toEqual(expected);
    });

    it('by the ending alone when the file is not executable', async () => {
      home.listing('x.sh').write('scripts/x.sh', 'echo', 0o644);
      expect(await argv('x')).toEqual(['/bin/sh']);
    });

    it('by the manifest before all else, a CRLF shebang included', async () => {
      home.listing({ name: 'x', path: 'x.py', interpreter: 'sh' }).write('scripts/x.py', '#!/usr/bin/env python3\r\n');
      expect(await argv('x')).toEqual([expect.stringMatching(/\/sh$/)]);
    });

    it('a program by itself', async () => {
      home.listing('x').write('scripts/x', readFileSync('/bin/true'));
      expect((await check('x')).argv).toEqual([join(home.folder, 'scripts/x')]);
    });

    it('a program that was installed a moment ago, and not one that is not executable', async () => {
      home.listing('x.rb').write('scripts/x.rb', '').write('bin/ruby', '#!/bin/sh\n', 0o644);
      const reader = await home.reader(join(home.folder, 'bin'));
      await expect(reader.checkScript('x')).rejects.toThrow('"ruby"');
      chmodSync(join(home.folder, 'bin/ruby'), 0o755);
      expect((await reader.checkScript('x')).argv[0]).toBe(join(home.folder, 'bin/ruby'));
    });
  });

  describe('refuses an interpreter that everyone can change', () => {
    beforeEach(() => {
      home.write('bin/py', '#!/bin/sh\n').write('scripts/x.py', '').folderAt('links');
      symlinkSync('../bin/py', join(home.folder, 'links/py'));
      home.listing({ name: 'x', path: 'x.py', interpreter: join(home.folder, 'links/py') });
    });

    it.each([
      ['the program', 'bin/py', 0o757],
      ['its folder', 'bin', 0o757],
      ['its folder, be it sticky', 'bin', 0o1777],
      ['the folder of the link to it', 'links', 0o757],
    ])('%s', async (_, place, mode) => {
      expect(await refusal('x')).toBe('none');
      chmodSync(join(home.folder, place), mode);
      const [path, link] = [join(home.folder, place), join(home.folder, 'links/py')];
      expect(await refusal('x')).toBe(
        `manifest/unsafe-permissions: scripts/x.py of the script x is run by ${link} (scripts[0].interpreter), ` +
          `which is not safe: ${path} can be written by everyone. Mend it: chmod o-w ${path}`,
      );
    });

    it('when the shebang line names it, too', async () => {
      home.listing('x.py').write('scripts/x.py', `#!${join(home.folder, 'bin/py')}\n`);
      expect(await refusal('x')).toBe('none');
      chmodSync(join(home.folder, 'bin/py'), 0o777);
      expect(await refusal('x')).toMatch(/^manifest\/unsafe-permissions.*\(the shebang line\)/);
    });
  });

  it('records one version of a file that is replaced again and again meanwhile', async () => {
    const versions = ['#!/bin/sh\n# one\n', `#!/bin/sh\n${'# two\n'.repeat(20_000)}`];
    const hashes = versions.map((text) => createHash('sha256').update(text).digest('hex'));
    home.listing('x.sh').write('scripts/x.sh', versions[0] as string);
    const reader = await home.reader();
    for (let turns = 0; turns < 40; turns += 1) {
      const checked = reader.checkScript('x');
      // Each time a little later in the middle of the check.
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      home.write('scripts/.new', versions[turns % 2] as string);
      renameSync(join(home.folder, 'scripts/.new'), join(home.folder, 'scripts/x.sh'));
      expect(hashes).toContain((await checked).sha256);
    }
  });

  it('follows a scripts folder that is a link of the owner, and confines to where it leads', async () => {
    const real = join(tmpdir(), `${home.folder.split('/').at(-1)}-real`);
    mkdirSync(real, { mode: 0o755 });
    writeFileSync(join(real, 'x.sh'), '#!/bin/sh\n', { mode: 0o644 });
    home.listing('x.sh');
    symlinkSync(real, join(home.folder, 'scripts'));
    expect((await check('x')).file).toBe(join(real, 'x.sh'));
    rmSync(real, { recursive: true });
  });
});
