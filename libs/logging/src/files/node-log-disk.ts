import { closeSync, constants, fstatSync, openSync, writeSync, type Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { LogDisk, type LogFileState, type LogFolderEntry } from './log-disk.js';

const OWNER_ONLY = 0o600;
const BEGINNING_BYTES = 10;
/** A pipe in place of the file must not make us wait for its reader. Windows knows neither of the two. */
const GUARDS = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | GUARDS;
const READ = constants.O_RDONLY | GUARDS;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/** The real disk. A file is opened for each batch, so that whoever moves it away is noticed at once. */
export class NodeLogDisk extends LogDisk {
  override async makeFolder(path: string): Promise<void> {
    await mkdir(path, { recursive: true, mode: 0o700 });
  }

  override look(path: string): Promise<LogFileState | undefined> {
    return unlessMissing(undefined, () =>
      withFile(path, READ, async (file, { size, mtimeMs }) => {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING_BYTES), 0, BEGINNING_BYTES, 0);
        return { bytes: size, beginning: buffer.toString('latin1', 0, bytesRead), modifiedMs: mtimeMs };
      }),
    );
  }

  override append(path: string, bytes: Uint8Array): Promise<number> {
    return withFile(path, APPEND, async (file, { mode }) => {
      // One that 0.2 has left may be readable for all.
      if ((mode & 0o077) !== 0 && process.platform !== 'win32') await file.chmod(OWNER_ONLY);
      return (await file.write(bytes)).bytesWritten;
    });
  }

  override appendNow(path: string, bytes: Uint8Array): void {
    const file = openSync(path, APPEND, OWNER_ONLY);
    try {
      checkIsFile(path, fstatSync(file));
      writeSync(file, bytes);
    } finally {
      closeSync(file);
    }
  }

  override list(folder: string): Promise<readonly LogFolderEntry[]> {
    return unlessMissing([], async () => {
      const names = await readdir(folder);
      const entries = await Promise.all(names.map((name) => describe(folder, name)));
      return entries.filter((entry) => entry !== undefined);
    });
  }

  override async claim(path: string): Promise<boolean> {
    try {
      await withFile(path, CREATE, () => Promise.resolve());
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    }
  }

  override rename(from: string, to: string): Promise<boolean> {
    return unlessMissing(false, async () => {
      await rename(from, to);
      return true;
    });
  }

  override async compress(path: string): Promise<void> {
    const temporary = `${path}.gz.tmp`;
    if (!(await this.claim(temporary))) return;
    try {
      const from = await open(path, READ);
      const to = await open(temporary, constants.O_WRONLY | GUARDS);
      await pipeline(from.createReadStream(), createGzip(), to.createWriteStream());
      await rename(temporary, `${path}.gz`);
    } catch (error) {
      await this.remove(temporary);
      if (codeOf(error) === 'ENOENT') return;
      throw error;
    }
    await this.remove(path);
  }

  override remove(path: string): Promise<void> {
    return rm(path, { force: true });
  }
}

async function withFile<T>(path: string, flags: number, work: (file: FileHandle, stats: Stats) => Promise<T>) {
  const file = await open(path, flags, OWNER_ONLY);
  try {
    const stats = await file.stat();
    checkIsFile(path, stats);
    return await work(file, stats);
  } finally {
    await file.close();
  }
}

function checkIsFile(path: string, stats: Stats): void {
  if (!stats.isFile()) throw Object.assign(new Error(`${basename(path)} is not a plain file`), { code: 'ENOTFILE' });
}

async function describe(folder: string, name: string): Promise<LogFolderEntry | undefined> {
  const stats = await unlessMissing(undefined, () => lstat(join(folder, name)));
  return stats?.isFile() ? { name, bytes: stats.size, modifiedMs: stats.mtimeMs } : undefined;
}

async function unlessMissing<T, F>(otherwise: F, work: () => Promise<T>): Promise<T | F> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return otherwise;
    throw error;
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
