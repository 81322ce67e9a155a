import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileVersion } from './file-version.js';
import { findInheritedDescriptors } from './inherited-descriptors.js';
import { isAlive, type ProcessIdentity } from './process-identity.js';
import { StartedBefore } from './run-host.js';
import { StartedScripts } from './test-support/started-scripts.js';

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe.each(['named', 'plain'] as const)('a script that is started, with %s pipes', (kind) => {
  let scripts: StartedScripts;
  beforeEach(() => {
    scripts = new StartedScripts(undefined, kind);
  });
  afterEach(() => scripts.remove());

  it('ends with its code, the lengths and the hashes of what it wrote, on record before anyone is told', async () => {
    const { order, end } = await scripts.run('printf out; printf aside >&2; exit 3');
    expect(end).toMatchObject({
      kind: 'exit',
      code: 3,
      signal: null,
      killedBy: null,
      dropped: { stdout: 0, stderr: 0 },
    });
    expect(end).toMatchObject({
      lengths: { stdout: 3, stderr: 5 },
      sha256: { stdout: sha256('out'), stderr: sha256('aside') },
    });
    expect(scripts.record(order, 'end')).toEqual(end);
    expect([scripts.output(order), scripts.output(order, 'stderr')]).toEqual(['out', 'aside']);
    expect(readdirSync(order.folder).toSorted()).toEqual(['end', 'pid', 'stderr', 'stdout']);
    expect(scripts.host.isRunning(order.runId)).toBe(false);
  });

  it('is lost when it removes its own folder, which cannot hold its end any more', async () => {
    const { order, end } = await scripts.run('rm -rf "./$SM_RUN_ID"; exit 3');
    expect(end).toMatchObject({ kind: 'lost', started: true, cause: 'spool-removed' });
    expect([scripts.host.isRunning(order.runId), existsSync(order.folder)]).toEqual([false, false]);
  });

  it('ends with code 137 when it says so itself and with SIGKILL when that is what happened', async () => {
    const [itself, killed] = await Promise.all([scripts.run('exit 137'), scripts.run('kill -9 $$')]);
    expect(itself.end).toMatchObject({ code: 137, signal: null });
    expect(killed.end).toMatchObject({ code: null, signal: 'SIGKILL', killedBy: null });
  });

  it.runIf(existsSync('/proc/self/stat'))(
    'ends with the signal also when it is one that Node has no name for',
    async () => {
      const ends: unknown[] = [];
      // In a few of a thousand Node has waited for the process before anybody could look.
      while (ends.length < 10 && !ends.includes('SIGRTMIN+6')) {
        const { end } = await scripts.run('echo out; kill -40 $$');
        ends.push((end as { signal: unknown }).signal);
      }
      expect(ends.at(-1)).toBe('SIGRTMIN+6');
      const { end } = await scripts.run('exec >&- 2>&-; sleep 0.1; exit 0');
      expect(end).toMatchObject({ code: 0, signal: null });
    },
  );

  it('sees an end-of-file on stdin at once', async () => {
    const { order } = await scripts.run('if read -r line; then echo "got $line"; else echo end; fi');
    expect(scripts.output(order)).toBe('end\n');
  });

  it.skipIf(!existsSync('/proc/self/fd'))('has the descriptors 0, 1 and 2 and no others', async () => {
    const open = openSync('/dev/null', 'r');
    const order = scripts.order(['/bin/ls', '/proc/self/fd']);
    await scripts.host.start(order);
    await scripts.ended(order);
    closeSync(open);
    // What the host of this test left open is not ours; the agent closes it first of all.
    const inherited = findInheritedDescriptors().map(String);
    const seen = scripts
      .output(order)
      .trim()
      .split('\n')
      .filter((descriptor) => !inherited.includes(descriptor));
    // ls itself opens the folder it lists, as 3.
    expect(seen).toEqual(['0', '1', '2', '3']);
  });

  it('has the environment it was given and nothing of ours', async () => {
    const { order } = await scripts.run('/usr/bin/env', {
      env: { PATH: '/usr/bin', SM_RUN_ID: 'x', SM_PARAM_A: '$(id); `x`' },
    });
    const names = scripts
      .output(order)
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(names.filter((name) => !['PWD', 'OLDPWD', '_', 'SHLVL'].includes(name as string)).toSorted()).toEqual([
      'PATH',
      'SM_PARAM_A',
      'SM_RUN_ID',
    ]);
    expect(scripts.output(order)).toContain('SM_PARAM_A=$(id); `x`\n');
  });

  it('is told apart from every other process by the record pid, which is there when start resolves', async () => {
    const order = await scripts.start('echo begun; exec sleep 60');
    const identity = scripts.record(order, 'pid') as ProcessIdentity;
    expect(isAlive(identity)).toBe(true);
    expect(isAlive({ ...identity, startTicks: (identity.startTicks ?? 0) + 1 })).toBe(identity.startTicks === null);
    scripts.host.kill(order.runId, 'cancelled');
    await scripts.ended(order);
    expect(isAlive(identity)).toBe(false);
  });

  it('leads a session of its own, so that a terminal or a group signal of ours does not reach it', async () => {
    const { order } = await scripts.run('cut -d" " -f1,5,6 /proc/$$/stat');
    const [pid, group, session] = scripts.output(order).trim().split(' ');
    expect([group, session]).toEqual([pid, pid]);
  });

  it('keeps binary output and invalid UTF-8 byte for byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff));
    writeFileSync(join(scripts.spool, 'bytes'), bytes);
    const { order, end } = await scripts.run('cat bytes');
    expect(readFileSync(join(order.folder, 'stdout')).equals(bytes)).toBe(true);
    expect(end).toMatchObject({ lengths: { stdout: 70_000 }, sha256: { stdout: sha256(bytes) } });
  });

  it('goes on beyond the cap while memory stays flat; the rest is counted', async () => {
    const before = process.memoryUsage().rss;
    const { order, end } = await scripts.run('head -c 800000000 /dev/zero; echo last >&2', { outputMaxBytes: 100_000 });
    expect(end).toMatchObject({
      code: 0,
      lengths: { stdout: 100_000, stderr: 5 },
      dropped: { stdout: 799_900_000, stderr: 0 },
    });
    expect(end).toMatchObject({ sha256: { stdout: sha256(Buffer.alloc(100_000)) } });
    expect(readFileSync(join(order.folder, 'stdout')).length).toBe(100_000);
    // Buffers wait for the collector between two looks, so not zero; keeping the output would take four times as much.
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  });

  it('keeps the end of what it wrote beyond the cap, and says how long it is', async () => {
    const written = Buffer.from(Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join(''));
    const last = written.subarray(-64 * 1024);
    const limits = { outputMaxBytes: 5000 };
    const { order, end } = await scripts.run('seq 1 100000; seq 1 1500 >&2; exit 4', limits);
    expect(end).toMatchObject({ code: 4, lengths: { stdout: 5000, stderr: 5000 } });
    expect(end).toMatchObject({ dropped: { stdout: written.length - 5000, stderr: 1393 } });
    expect(end).toMatchObject({
      tails: { stdout: { length: last.length, sha256: sha256(last) }, stderr: { length: 1393 } },
    });
    expect(readFileSync(join(order.folder, 'stdout')).equals(written.subarray(0, 5000))).toBe(true);
    expect(readFileSync(join(order.folder, 'stdout.tail')).equals(last)).toBe(true);
    expect(readFileSync(join(order.folder, 'stderr.tail')).equals(written.subarray(5000, 6393))).toBe(true);
    expect(scripts.record(order, 'end')).toEqual(end);
  });

  it('tells of its output as it comes, and of all of it in the end', async () => {
    const order = await scripts.start('echo one; while [ ! -e go ]; do sleep 0.01; done; echo two');
    await scripts.wrote(order, 4);
    expect(scripts.output(order)).toBe('one\n');
    writeFileSync(join(scripts.spool, 'go'), '');
    await scripts.ended(order);
    expect(scripts.told(order)).toBe(8);
  });

  it.skipIf(kind === 'plain')('may open its output by name, and goes on writing into the same pipe', async () => {
    const { order } = await scripts.run('echo a >/dev/stdout; echo b >/dev/stderr; echo c >>/dev/fd/1; echo d');
    expect([scripts.output(order), scripts.output(order, 'stderr')]).toEqual(['a\nc\nd\n', 'b\n']);
  });

  it.runIf(kind === 'named')('ends also where the disk does not let go of its pipes', async () => {
    const order = await scripts.start('echo begun; until [ -e go ]; do sleep 0.01; done; exit 3');
    await scripts.wrote(order, 6);
    rmSync(join(order.folder, 'stdout.pipe'));
    mkdirSync(join(order.folder, 'stdout.pipe'));
    writeFileSync(join(scripts.spool, 'go'), 'go\n');
    expect(await scripts.ended(order)).toMatchObject({ code: 3 });
    expect(scripts.record(order, 'end')).toMatchObject({ code: 3 });
    expect(scripts.host.isRunning(order.runId)).toBe(false);
  });

  it.runIf(kind === 'named')('gives all who ask for it at once the same answer', async () => {
    const { runId, folder } = scripts.order(['/bin/true']);
    const limits = { runId, folder, timeoutMs: 1000, killGraceMs: 1000, outputMaxBytes: 1000 };
    const another = scripts.newHost();
    const answers = await Promise.all([another.resume(limits), another.resume(limits)]);
    expect(answers).toEqual([answers[0], { kind: 'gone', started: false, isOfThisBoot: true }]);
    expect(another.runIds).toEqual([]);
  });

  it('is never started a second time', async () => {
    const { order } = await scripts.run('echo >> starts');
    await expect(scripts.host.start(order)).rejects.toThrow(StartedBefore);
    const running = await scripts.start('echo >> starts; exec sleep 60');
    await expect(scripts.host.start(running)).rejects.toThrow(StartedBefore);
    expect(scripts.host.isRunning(running.runId)).toBe(true);
  });
});

describe.each(['named', 'plain'] as const)('a script that cannot be started, with %s pipes', (kind) => {
  let scripts: StartedScripts;
  beforeEach(() => {
    scripts = new StartedScripts(undefined, kind);
  });
  afterEach(() => scripts.remove());

  const failOf = async (argv: readonly string[], fields = {}): Promise<string> => {
    const order = scripts.order(argv, fields);
    await scripts.host.start(order);
    expect(scripts.host.isRunning(order.runId)).toBe(false);
    expect(existsSync(join(order.folder, 'pid'))).toBe(false);
    const end = scripts.record(order, 'end') as { kind: string; why: string };
    expect(await scripts.ended(order)).toEqual(end);
    expect(end).toMatchObject({ kind: 'spawnFailed', code: 'run/start-failed' });
    return end.why;
  };

  it('is not the version of the file that was checked', async () => {
    const file = join(scripts.spool, 'script.sh');
    writeFileSync(file, 'echo good\n');
    const checked = { file, version: fileVersion(lstatSync(file, { bigint: true })) };
    const good = scripts.order(['/bin/sh', file], { checked });
    await scripts.host.start(good);
    expect(await scripts.ended(good)).toMatchObject({ code: 0 });
    writeFileSync(`${file}.new`, 'echo evil\n');
    renameSync(`${file}.new`, file);
    expect(await failOf(['/bin/sh', file], { checked })).toContain('has changed since it was checked (ESTALE)');
    rmSync(file);
    expect(await failOf(['/bin/sh', file], { checked })).toContain('ESTALE');
  });

  it('ends with the program named when it does not exist', async () => {
    expect(await failOf(['/nowhere/python3', 'x.py'])).toBe('"/nowhere/python3" does not exist (ENOENT)');
  });

  it('ends with the working folder named when that is what is missing', async () => {
    expect(await failOf(['/bin/true'], { cwd: '/nowhere' })).toContain('working folder');
  });

  it('ends with the reason when the file is not executable', async () => {
    const file = join(scripts.spool, 'plain');
    writeFileSync(file, '#!/bin/sh\n');
    chmodSync(file, 0o644);
    expect(await failOf([file])).toContain('EACCES');
  });

  it('ends with the reason when the program is being written', async () => {
    const file = join(scripts.spool, 'busy');
    writeFileSync(file, readFileSync('/bin/true'), { mode: 0o755 });
    const open = openSync(file, 'r+');
    const why = await failOf([file]);
    closeSync(open);
    expect(why).toContain('is being written to by another program (ETXTBSY)');
  });

  it('ends with the reason when the parameters are more than the system takes, or hold a NUL', async () => {
    expect(await failOf(['/bin/true', 'x'.repeat(3_000_000)])).toContain('E2BIG');
    expect(await failOf(['/bin/true'], { env: { SM_PARAM_A: 'a\0b' } })).toContain('ERR_INVALID_ARG_VALUE');
  });
});
