import { MovedClock } from '@scriptmesh/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryLogDisk } from '../test-support/memory-log-disk.js';
import { Rotation } from './rotation.js';

const CURRENT = '/logs/ScriptMesh-trial.log';
const YESTERDAYS = '/logs/ScriptMesh-trial-2025-12-30.log';
const OLD = '2025-12-30 10:00:00 | old\n';
const NEW = '2025-12-31 00:00:00 | new\n';

/** A disk on which another process does something just before the named step. */
class ContestedDisk extends MemoryLogDisk {
  before: { step: 'claim' | 'rename'; work: () => void } | undefined;

  override claim(path: string): Promise<boolean> {
    this.#meet('claim');
    return super.claim(path);
  }
  override rename(from: string, to: string): Promise<boolean> {
    this.#meet('rename');
    return super.rename(from, to);
  }
  #meet(step: 'claim' | 'rename'): void {
    if (this.before?.step !== step) return;
    const { work } = this.before;
    this.before = undefined;
    work();
  }
}

describe('Rotation', () => {
  let disk: ContestedDisk;
  let rotation: Rotation;
  beforeEach(() => {
    const clock = new MovedClock();
    disk = new ContestedDisk(clock);
    const bounds = { maxFiles: 10, maxBytes: 8_000 };
    rotation = new Rotation({ folder: '/logs', program: 'trial', bounds, clock, disk });
    disk.put(CURRENT, OLD);
  });
  const otherRotates = (): void => {
    disk.put(YESTERDAYS, OLD);
    disk.put(CURRENT, NEW);
  };

  it('lets another process win that was a little faster', async () => {
    disk.before = { step: 'claim', work: otherRotates };
    expect(await rotation.makeRoom('2025-12-31', 10)).toBe(false);
    expect(disk.names).toEqual(['ScriptMesh-trial-2025-12-30.log', 'ScriptMesh-trial.log']);
    expect(disk.text(YESTERDAYS)).toBe(OLD);
    expect(disk.text(CURRENT)).toBe(NEW);
  });

  it('gives lines the name of their own day when it has taken the new file of another process', async () => {
    disk.before = {
      step: 'rename',
      work: () => {
        disk.put('/logs/ScriptMesh-trial-2025-12-30.1.log', OLD);
        disk.put(CURRENT, NEW);
      },
    };
    expect(await rotation.makeRoom('2025-12-31', 10)).toBe(true);
    expect(disk.text('/logs/ScriptMesh-trial-2025-12-30.1.log')).toBe(OLD);
    expect(disk.text('/logs/ScriptMesh-trial-2025-12-31.1.log')).toBe(NEW);
    expect(disk.names).toHaveLength(2);
  });

  it('leaves no empty name behind when the file is gone', async () => {
    disk.before = { step: 'rename', work: () => disk.files.delete(CURRENT) };
    expect(await rotation.makeRoom('2025-12-31', 10)).toBe(false);
    expect(disk.names).toEqual([]);
  });

  it('leaves a file of a later day where it is, whoever has the wrong clock', async () => {
    expect(await rotation.makeRoom('2025-12-29', 10)).toBe(false);
    expect(disk.text(CURRENT)).toBe(OLD);
  });

  it('numbers the parts of a day after the highest that is there', async () => {
    disk.put('/logs/ScriptMesh-trial-2025-12-30.9.log.gz', 'x');
    disk.put(CURRENT, OLD.padEnd(995, 'x'));
    expect(await rotation.makeRoom('2025-12-30', 10)).toBe(true);
    expect(disk.names).toContain('ScriptMesh-trial-2025-12-30.10.log');
  });
});
