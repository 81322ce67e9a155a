import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { MovedClock } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeHome } from '../test-support/node-home.js';

describe('the manifest in force', () => {
  let clock: MovedClock;
  let home: NodeHome;
  beforeEach(() => {
    clock = new MovedClock();
    home = new NodeHome(clock);
  });
  afterEach(() => home.remove());

  it('is reported with its hash, its scripts in order and what is wrong with each', async () => {
    home.listing(
      'a.sh',
      { name: 'gone', path: 'gone.sh', description: 'Not there.' },
      { name: 'bad', path: '/etc/passwd' },
      { path: 'x' },
    );
    home.write('scripts/a.sh', '#!/bin/sh\n');
    const { sha256, report } = await (await home.reader()).report();
    expect(sha256).toBe(createHash('sha256').update(readFileSync(home.manifestPath)).digest('hex'));
    const none = {
      description: null,
      interpreter: null,
      timeoutSeconds: null,
      maxConcurrent: null,
      idempotent: false,
    };
    expect(report.scripts).toEqual([
      { name: 'a', path: 'a.sh', ...none, problem: null },
      {
        name: 'gone',
        path: 'gone.sh',
        ...none,
        description: 'Not there.',
        problem: expect.stringMatching(/^script\/file-missing: /),
      },
      {
        name: 'bad',
        path: '/etc/passwd',
        ...none,
        problem: expect.stringMatching(/^manifest\/unsafe-path: scripts\[2\]\.path: /),
      },
    ]);
    expect(report.faults).toEqual([expect.stringMatching(/^scripts\[2\]\.path: /), 'scripts[3].name: is missing']);
  });

  it('changes for the very next run when the file is edited or replaced by rename', async () => {
    home.listing('a.sh').write('scripts/a.sh', '').write('scripts/b.sh', '');
    const reader = await home.reader();
    await expect(reader.checkScript('b')).rejects.toMatchObject({ code: 'script/not-found' });
    home.listing('b.sh');
    expect(await reader.checkScript('b')).toMatchObject({ name: 'b' });
    writeFileSync(`${home.manifestPath}.new`, JSON.stringify({ scripts: [{ name: 'c', path: 'a.sh' }] }));
    renameSync(`${home.manifestPath}.new`, home.manifestPath);
    await expect(reader.checkScript('b')).rejects.toMatchObject({ code: 'script/not-found' });
    expect(await reader.checkScript('c')).toMatchObject({ name: 'c' });
  });

  it('tells its listeners of a change without being asked, once the file was left in peace', async () => {
    home.listing('a.sh');
    const reader = await home.reader();
    const before = reader.sha256;
    const told: string[] = [];
    reader.onChange(() => told.push('changed'));
    home.listing('a.sh', 'b.sh');
    // The system's word comes when it comes; then the wait for peace is on the clock.
    while (told.length === 0) await clock.advance(100);
    expect(reader.sha256).not.toBe(before);
  });

  it.each([
    ['broken JSON', '{"scripts": [', '1:14: expected a value, found the end of the file'],
    ['nothing', '', 'the file is empty'],
    [
      'a name that stands twice',
      '{"scripts": [{"name":"a","path":"a.sh"},{"name":"a","path":"b.sh"}]}',
      'scripts[1].name: "a" is already',
    ],
    [
      'an unknown field',
      '{"scripts": [{"name":"a","path":"a.sh","shell":true}]}',
      'scripts[0].shell: is not a known field',
    ],
    ['a hundred thousand levels', '['.repeat(100_000), 'nested more than 32 levels deep'],
  ])('stays the last good one when the file holds %s', async (_, text, fault) => {
    home.listing('a.sh').write('scripts/a.sh', '');
    const reader = await home.reader();
    const good = reader.sha256;
    let told = 0;
    reader.onChange(() => (told += 1));
    home.manifest(text);
    expect(await reader.checkScript('a')).toMatchObject({ name: 'a' });
    const { sha256, report } = await reader.report();
    expect(sha256).toBe(good);
    expect(report.faults).toEqual([expect.stringContaining(fault)]);
    expect(report.scripts.map((script) => script.name)).toEqual(['a']);
    expect(told).toBe(1);
    home.listing('a.sh', 'b.sh');
    expect((await reader.report()).report.faults).toEqual([]);
  });

  it.each([
    ['a folder', (path: string) => mkdirSync(path), 'is a folder, not a file'],
    ['a FIFO', (path: string) => void execFileSync('mkfifo', [path]), 'is a FIFO, not a file'],
    [
      '200 MB',
      (path: string) => (writeFileSync(path, ''), truncateSync(path, 200_000_000)),
      'has 200000000 bytes; at most 1048576 are read',
    ],
    ['broken', (path: string) => writeFileSync(path, '{'), '1:2: expected a field name'],
  ])('permits nothing at a cold start when the file is %s, and says why', async (_, make, why) => {
    home.folderAt('cfg').write('scripts/a.sh', '');
    make(home.manifestPath);
    const reader = await home.reader();
    await expect(reader.checkScript('a')).rejects.toMatchObject({
      code: 'manifest/invalid',
      detail: expect.stringContaining(why),
    });
    expect(reader.sha256).toBeNull();
    expect(await reader.report()).toEqual({
      sha256: null,
      report: { scripts: [], faults: [expect.stringContaining(why)] },
    });
    rmSync(home.manifestPath, { recursive: true });
    home.listing('a.sh');
    expect(await reader.checkScript('a')).toMatchObject({ name: 'a' });
  });

  it('permits nothing any more when its file was taken away', async () => {
    home.listing('a.sh').write('scripts/a.sh', '');
    const reader = await home.reader();
    rmSync(home.manifestPath);
    await expect(reader.checkScript('a')).rejects.toMatchObject({
      code: 'manifest/invalid',
      detail: expect.stringContaining('is missing'),
    });
    expect(reader.sha256).toBeNull();
  });

  it.each([
    [
      'everyone can write the file',
      (home: NodeHome) => chmodSync(home.manifestPath, 0o666),
      'can be written by everyone',
    ],
    [
      'its group can write the file',
      (home: NodeHome) => chmodSync(home.manifestPath, 0o664),
      'can be written by its group',
    ],
    [
      'everyone can write its folder',
      (home: NodeHome) => home.folderAt('cfg', 0o777),
      'cfg can be written by everyone',
    ],
  ])('is refused when %s, while the last good one stays in force', async (_, open, why) => {
    const entry = { name: 'a', path: 'a.sh', description: 'Not of 0.2.' };
    const reader = await home.listing(entry).write('scripts/a.sh', '').reader();
    const good = reader.sha256;

    home.listing(entry, 'b.sh').write('scripts/b.sh', '');
    open(home);

    await expect(reader.checkScript('b')).rejects.toMatchObject({ code: 'script/not-found' });
    expect(await reader.checkScript('a')).toMatchObject({ name: 'a' });
    expect(await reader.report()).toMatchObject({ sha256: good, report: { faults: [expect.stringContaining(why)] } });
    const cold = await home.reader();
    await expect(cold.checkScript('a')).rejects.toMatchObject({
      code: 'manifest/unsafe-permissions',
      detail: expect.stringContaining(why),
    });
    chmodSync(home.manifestPath, 0o644);
    home.folderAt('cfg', 0o755);
    expect(await cold.checkScript('b')).toMatchObject({ name: 'b' });
  });

  it('of 0.2 may be writable by its group, with a warning, but not by everyone', async () => {
    home.listing('a.sh').write('scripts/a.sh', '').folderAt('cfg', 0o775);
    chmodSync(home.manifestPath, 0o664);
    const reader = await home.reader();
    expect(await reader.checkScript('a')).toMatchObject({ name: 'a' });
    expect(home.logger.events.join()).toContain('can be written by its group');
    chmodSync(home.manifestPath, 0o666);
    expect((await reader.report()).report.faults).toEqual([expect.stringContaining('can be written by everyone')]);
  });

  it('is judged where a link leads to, too', async () => {
    home.listing('a.sh').write('scripts/a.sh', '').folderAt('open', 0o777);
    renameSync(home.manifestPath, join(home.folder, 'open/real.json'));
    symlinkSync('../open/real.json', home.manifestPath);
    await expect((await home.reader()).checkScript('a')).rejects.toMatchObject({ code: 'manifest/unsafe-permissions' });
  });

  it('is reported within bounds', async () => {
    home.manifest({
      scripts: Array.from({ length: 1000 }, (_, index) => ({ name: `s${index}`, path: `../${'x'.repeat(1000)}` })),
    });
    const { report } = await (await home.reader()).report();
    expect(report.scripts).toHaveLength(1000);
    expect(report.faults).toHaveLength(50);
    expect(JSON.stringify(report).length).toBeLessThan(1_500_000);
  });

  it('leaves no timer behind', async () => {
    const reader = await home.reader();
    reader.onModuleDestroy();
    expect(clock.waitingTimers).toBe(0);
  });
});

describe('the first start of a node', () => {
  let home: NodeHome;
  beforeEach(() => {
    home = new NodeHome();
  });
  afterEach(() => home.remove());

  const greet = (argv: readonly string[]): string => {
    const [program, ...args] = argv;
    return spawnSync(program as string, args, {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin', SM_AGENT: 'web-1', SM_RUN_ID: 'r1' },
    }).stdout;
  };

  it('makes a manifest and a hello_world that greets by the name of the agent', async () => {
    const reader = await home.reader();
    const { report } = await reader.report();
    expect(report).toMatchObject({ faults: [], scripts: [{ name: 'hello_world', problem: null }] });
    expect(greet((await reader.checkScript('hello_world')).argv)).toMatch(/^Hello from ScriptMesh!\nagent: {2}web-1\n/);
  });

  it('makes it for Node where there is no Python', async () => {
    const reader = await home.folderAt('bin').reader(join(home.folder, 'bin'));
    const { argv } = await reader.checkScript('hello_world');
    expect(argv).toEqual([process.execPath, join(home.folder, 'scripts/hello_world.js')]);
    expect(greet(argv)).toMatch(/^Hello from ScriptMesh!\nagent: {2}web-1\n/);
  });

  it('makes them safe whatever the umask is', async () => {
    const before = process.umask(0);
    await home.reader().finally(() => process.umask(before));
    expect(statSync(join(home.folder, 'scripts')).mode & 0o777).toBe(0o755);
    expect(statSync(home.manifestPath).mode & 0o777).toBe(0o644);
  });

  it('overwrites nothing and adds nothing to a node that has a manifest', async () => {
    await home.listing('a.sh').reader();
    expect(existsSync(join(home.folder, 'scripts'))).toBe(false);
    rmSync(home.manifestPath);
    home.write('scripts/hello_world.py', 'mine').write('scripts/hello_world.js', 'mine');
    await home.reader();
    expect(readFileSync(join(home.folder, 'scripts/hello_world.py'), 'utf8')).toBe('mine');
    expect(readFileSync(join(home.folder, 'scripts/hello_world.js'), 'utf8')).toBe('mine');
  });
});
