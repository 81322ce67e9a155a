import { spawn } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SpoolFolder } from './spool-folder.js';

describe('the spool as a place of one agent', () => {
  let path: string;
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'scriptmesh-spool-'));
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));

  it('refuses a second agent while the first lives, and says what to do', async () => {
    const first = await SpoolFolder.take(path);
    await expect(SpoolFolder.take(path)).rejects.toThrow(/another agent \(process \d+\) is using the spool/);
    first.release();
    (await SpoolFolder.take(path)).release();
    expect(readdirSync(path)).toEqual([]);
  });

  it('takes the spool of an agent that is gone, be its process id used again or not', async () => {
    const leave = [writeFileSync, (lock: string, owner: string) => symlinkSync(owner || '-', lock)];
    for (const stale of [
      '999999999 12 boot',
      `${process.pid} 1 another-boot`,
      '',
      'no lock of ours',
      '1 2 - 77 ../passwd',
    ])
      for (const write of leave) {
        write(join(path, 'lock'), stale);
        (await SpoolFolder.take(path)).release();
      }
    expect(readdirSync(path)).toEqual([]);
  });

  it('says what to do when the spool cannot be made, and comes back', async () => {
    writeFileSync(join(path, 'file'), '');
    await expect(SpoolFolder.take(join(path, 'file/spool'))).rejects.toThrow(
      expect.objectContaining({ code: 'settings/invalid', hint: expect.stringContaining('SCRIPT_MESH_HOME') }),
    );
  });

  it('takes no room on the disk for its lock, so that an agent starts on a full one', async () => {
    const spool = await SpoolFolder.take(path);
    const lock = lstatSync(join(path, 'lock'));
    // ext4 keeps as much in the inode itself.
    expect(lock.isSymbolicLink() && lock.size < 60).toBe(true);
    expect(lock.blocks).toBe(0);
    spool.release();
  });

  it.skipIf(!existsSync('/proc/self/ns/pid'))(
    'asks a holder in another space of process ids, as in a container',
    async () => {
      const first = await SpoolFolder.take(path);
      const [, ticks, boot, , socket] = readlinkSync(join(path, 'lock')).split(' ');
      rmSync(join(path, 'lock'));
      symlinkSync(['7', ticks, boot, '4000000000', socket].join(' '), join(path, 'lock'));
      await expect(SpoolFolder.take(path)).rejects.toMatchObject({ code: 'store/locked' });
      first.release();
      (await SpoolFolder.take(path)).release();
      expect(readdirSync(path)).toEqual([]);
    },
  );

  it.skipIf(!existsSync('/proc/self/stat'))(
    'takes the spool of an agent that has ended and that nobody has waited for',
    async () => {
      // The shell becomes a program that never waits for its child.
      const parent = spawn('/bin/sh', ['-c', 'sh -c "cat /proc/\\$\\$/stat; exit" & exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const stat = await new Promise<string>((resolve) =>
        parent.stdout.once('data', (data: Buffer) => resolve(data.toString())),
      );
      const pid = stat.split(' ')[0];
      await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0]).toBe('Z');
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      symlinkSync(`${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]} ${boot}`, join(path, 'lock'));
      (await SpoolFolder.take(path)).release();
      parent.kill('SIGKILL');
    },
  );

  it('knows when it was taken away', async () => {
    const spool = await SpoolFolder.take(path);
    expect(spool.isOurs).toBe(true);
    rmSync(path, { recursive: true });
    expect(spool.isOurs).toBe(false);
    spool.release();
  });
});
