import { lstatSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

  it('refuses a second agent while the first lives, and says what to do', () => {
    const first = SpoolFolder.take(path);
    expect(() => SpoolFolder.take(path)).toThrow(/another agent \(process \d+\) is using the spool/);
    first.release();
    SpoolFolder.take(path).release();
    expect(readdirSync(path)).toEqual([]);
  });

  it('takes the spool of an agent that is gone, be its process id used again or not', () => {
    const leave = [writeFileSync, (lock: string, owner: string) => symlinkSync(owner || '-', lock)];
    for (const stale of ['999999999 12 boot', `${process.pid} 1 another-boot`, '', 'no lock of ours'])
      for (const write of leave) {
        write(join(path, 'lock'), stale);
        SpoolFolder.take(path).release();
      }
    expect(readdirSync(path)).toEqual([]);
  });

  it('says what to do when the spool cannot be made, and comes back', () => {
    writeFileSync(join(path, 'file'), '');
    expect(() => SpoolFolder.take(join(path, 'file/spool'))).toThrow(
      expect.objectContaining({ code: 'settings/invalid', hint: expect.stringContaining('SCRIPT_MESH_HOME') }),
    );
  });

  it('takes no room on the disk for its lock, so that an agent starts on a full one', () => {
    const spool = SpoolFolder.take(path);
    const lock = lstatSync(join(path, 'lock'));
    expect({ isLink: lock.isSymbolicLink(), blocks: lock.blocks }).toEqual({ isLink: true, blocks: 0 });
    spool.release();
  });
});
