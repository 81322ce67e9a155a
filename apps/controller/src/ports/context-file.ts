import {
  chmodSync,
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname, isAbsolute, join } from 'node:path';
import { makeFolders } from '@scriptmesh/config';
import { MeshError } from '@scriptmesh/contracts';
import { type ContextBook, EMPTY_BOOK } from '../contexts/context-book.js';
import { ContextStore } from './context-store.js';
import { readContextText, writeContextText } from './context-text.js';

const OPEN_TO_OTHERS = 0o077;

/** Where XDG puts settings of a user; it says that a relative XDG_CONFIG_HOME is to be ignored. */
export function contextFilePath(env: Readonly<Record<string, string | undefined>>, userHome: string): string {
  const given = env['XDG_CONFIG_HOME'] ?? '';
  return join(isAbsolute(given) ? given : join(userHome, '.config'), 'scriptmesh', 'contexts.json');
}

/** Contexts in a file that only its owner may read. */
export class ContextFile extends ContextStore {
  constructor(override readonly place: string) {
    super();
  }

  override load(): ContextBook {
    try {
      return readContextText(readPrivately(this.place), this.place);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return EMPTY_BOOK;
      if (error instanceof MeshError) throw error;
      throw broken(`${this.place} cannot be read (${code ?? 'unknown error'})`, error);
    }
  }

  override save(book: ContextBook): void {
    const folder = dirname(this.place);
    const temporary = join(folder, `.${randomBytes(6).toString('hex')}.new`);
    try {
      makeFolders(folder);
      chmodSync(folder, 0o700);
      writeDurably(temporary, writeContextText(book));
      renameSync(temporary, this.place);
    } catch (error) {
      removeIfThere(temporary);
      throw broken(`${this.place} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`, error);
    }
  }
}

function readPrivately(path: string): string {
  const file = openSync(path, 'r');
  try {
    if (process.platform !== 'win32' && (fstatSync(file).mode & OPEN_TO_OTHERS) !== 0) {
      throw new MeshError('settings/invalid', `${path} holds keys and is open to others than its owner`, {
        hint: `Run: chmod 600 ${path}   If others use this machine, take the keys in it out of use.`,
      });
    }
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function removeIfThere(path: string): void {
  try {
    rmSync(path);
  } catch {
    // It was never made.
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

const broken = (detail: string, cause: unknown): MeshError =>
  new MeshError('settings/invalid', detail, {
    cause,
    hint: 'Mend the permissions of the file and its folder, or set XDG_CONFIG_HOME.',
  });
