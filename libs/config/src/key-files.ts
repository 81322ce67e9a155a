import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SettingFault } from './fault.js';
import { makeFolders } from './make-folders.js';

const READABLE_BY_OTHERS = 0o077;
/** Container runtimes mount secrets here, readable by all of the container, and nobody can change that. */
const MOUNTED_SECRETS = /^\/(var\/)?run\/secrets\//;

/** 256 random bits as 43 url-safe base64 characters. */
export const makeKey = (): string => randomBytes(32).toString('base64url');

/**
 * Reads a key file that only its owner may read; another one, or an unreadable one, becomes a fault.
 * @returns its lines without blanks, or undefined when there is none
 */
export function readKeyFile(name: string, path: string, faults: SettingFault[]): readonly string[] | undefined {
  try {
    return readPrivately(name, path, faults);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const problem = `the key file ${path} cannot be read (${code ?? 'unknown error'})`;
    faults.push({ name, problem, remedy: 'Name a file that this user may read' });
    return [];
  }
}

/** The first line of a key file that need not be there, nor be readable for this user: then undefined. */
export function findKeyInFile(name: string, path: string, faults: SettingFault[]): string | undefined {
  try {
    return readPrivately(name, path, faults)[0] ?? '';
  } catch {
    return undefined;
  }
}

/**
 * Writes a key that is whole or not there at all, for its owner only; makes the folder (0700) when it is missing.
 * A file that came in between wins.
 * @returns the lines of the file that is there now; none, and a fault, when it cannot be written
 */
export function writeKeyFile(name: string, path: string, key: string, faults: SettingFault[]): readonly string[] {
  const folder = dirname(path);
  const temporary = join(folder, `.${randomBytes(6).toString('hex')}.new`);
  try {
    makeFolders(folder);
    writeDurably(temporary, `${key}\n`);
    linkUnlessThere(temporary, path);
    rmSync(temporary);
    syncFolder(folder);
    return readKeyFile(name, path, faults) ?? [];
  } catch (error) {
    removeIfThere(temporary);
    const { code } = error as NodeJS.ErrnoException;
    const problem = `the key file ${path} cannot be written (${code ?? 'unknown error'})`;
    faults.push({ name, problem, remedy: `Make the folder writable, or set ${name}` });
    return [];
  }
}

function readPrivately(name: string, path: string, faults: SettingFault[]): readonly string[] {
  const file = openSync(path, 'r');
  try {
    const { mode } = fstatSync(file);
    const isOpenToOthers = process.platform !== 'win32' && (mode & READABLE_BY_OTHERS) !== 0;
    if (isOpenToOthers && !MOUNTED_SECRETS.test(path)) {
      const problem = `the key file ${path} is open to others than its owner`;
      faults.push({ name, problem, remedy: `Run: chmod 600 ${path}` });
    }
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.map((line) => line.trim()).filter((line) => line !== '');
  } finally {
    closeSync(file);
  }
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function linkUnlessThere(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    rmSync(path);
  } catch {
    // It was never made, or is whole and harmless: a random name that nothing reads.
  }
}

/** Makes the new name last through a power cut. Windows cannot open folders and needs no such thing. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
