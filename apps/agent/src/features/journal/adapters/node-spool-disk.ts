import {
  closeSync,
  fsync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SpoolDisk } from '../spool-disk.js';

const makeDurable = promisify(fsync);

/**
 * The real disk. Only what waits for the disk itself (fsync) goes to a thread: a change of names takes microseconds,
 * and the way to a thread and back ten times as long. A record is made by a dozen of them.
 */
export class NodeSpoolDisk extends SpoolDisk {
  override async makeFolder(path: string): Promise<void> {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }

  override async writeFile(path: string, content: string | Uint8Array, options: { durable: boolean }): Promise<void> {
    const file = openSync(path, 'w', 0o600);
    try {
      writeAll(file, typeof content === 'string' ? Buffer.from(content) : content);
      if (options.durable) await makeDurable(file);
    } finally {
      closeSync(file);
    }
  }

  override async link(from: string, to: string): Promise<void> {
    linkSync(from, to);
  }

  override async rename(from: string, to: string): Promise<void> {
    renameSync(from, to);
  }

  override async remove(path: string): Promise<void> {
    try {
      unlinkSync(path);
    } catch (error) {
      unlessGone(error);
    }
  }

  /** The last name of a file takes its content with it, which may be much. */
  override async removeAll(folder: string, names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => unlink(join(folder, name)).catch(unlessGone)));
  }

  override async removeFolder(path: string): Promise<void> {
    rmSync(path, { force: true, recursive: true });
  }

  override async listNames(folder: string): Promise<readonly string[]> {
    return readdirSync(folder);
  }

  override async syncFolder(path: string): Promise<void> {
    // Windows cannot open a folder; its file systems keep names durable by themselves.
    if (process.platform === 'win32') return;
    const folder = openSync(path, 'r');
    try {
      await makeDurable(folder);
    } finally {
      closeSync(folder);
    }
  }
}

function unlessGone(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}
