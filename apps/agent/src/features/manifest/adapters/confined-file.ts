import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  read as readCallback,
  readSync,
  realpathSync,
  type BigIntStats,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MeshError, type ErrorCode } from '@scriptmesh/contracts';
import type { ScriptEntry } from '../domain/manifest.js';
import { fileVersion } from '../../../supervisor/index.js';
import { judgePermissions } from '../domain/permissions.js';
import { kindOf } from './read-bounded-file.js';

const HEAD_BYTES = 512;
const BLOCK_BYTES = 65_536;
/** Larger than any script; bounded so that a check ends in time. */
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_TRIES = 3;
/** Up to here a script is read at once: the way to a thread and back takes longer. */
const READ_AT_ONCE_BYTES = 128 * 1024;

const read = promisify(readCallback);

/** A file that was found where the manifest says, by a path without links, with safe permissions. */
export interface ConfinedFile {
  readonly file: string;
  readonly sha256: string;
  /** Which version of the file has these bytes. */
  readonly version: string;
  /** The first bytes, for the shebang line. */
  readonly head: Uint8Array;
  readonly isExecutable: boolean;
  /** Permissions that are let pass for the sake of a 0.2 manifest, as in `scripts/x.sh can be written by its group`. */
  readonly warnings: readonly string[];
}

/** null where users and modes do not exist (Windows). */
const agentUid = (): number | null => process.getuid?.() ?? null;

/**
 * Checks an entry's file from the scripts folder down and hashes it. The hash is of one version: a file that changes
 * meanwhile is hashed again, and one that keeps changing is refused.
 * @throws MeshError script/file-missing, script/not-runnable, manifest/unsafe-path, manifest/unsafe-permissions
 */
export async function checkConfinedFile(scriptsFolder: string, entry: ScriptEntry): Promise<ConfinedFile> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const checked = await checkOnce(scriptsFolder, entry);
    if (checked) return checked;
  }
  throw refuse(entry, 'script/not-runnable', 'keeps changing while it is checked');
}

async function checkOnce(scriptsFolder: string, entry: ScriptEntry): Promise<ConfinedFile | undefined> {
  const root = realPathOf(scriptsFolder);
  if (root === undefined) throw refuse(entry, 'script/file-missing', 'is missing: the scripts folder is not there');
  const warnings: string[] = [];
  let path = root;
  let stats = lookAt(path, entry);
  judge(stats, 'scripts', entry, warnings);
  for (const [index, part] of entry.parts.entries()) {
    const shown = ['scripts', ...entry.parts.slice(0, index + 1)].join('/');
    if (!stats.isDirectory()) throw refuse(entry, 'script/file-missing', `is missing: ${shown} is not below a folder`);
    path = join(path, part);
    stats = lookAt(path, entry);
    if (stats.isSymbolicLink()) throw refuse(entry, 'manifest/unsafe-path', `is reached by a symbolic link (${shown})`);
    judge(stats, shown, entry, warnings);
  }
  if (!stats.isFile()) throw refuse(entry, 'script/not-runnable', `is ${kindOf(stats as never)}, not a file`);
  const hashed = await hashFile(path, stats, entry);
  const isSame = hashed && realPathOf(path) === path && isUnchanged(stats, lookAt(path, entry));
  return isSame
    ? { file: path, ...hashed, version: fileVersion(stats), isExecutable: (stats.mode & 0o111n) !== 0n, warnings }
    : undefined;
}

const realPathOf = (path: string): string | undefined => {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
};

function lookAt(path: string, entry: ScriptEntry): BigIntStats {
  try {
    return lstatSync(path, { bigint: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw refuse(entry, 'script/file-missing', 'is missing', cause);
    throw refuse(entry, 'script/not-runnable', `cannot be looked at (${code})`, cause);
  }
}

function judge(stats: BigIntStats, shown: string, entry: ScriptEntry, warnings: string[]): void {
  const uid = agentUid();
  if (uid === null) return;
  const ownership = { mode: Number(stats.mode), uid: Number(stats.uid), isFolder: stats.isDirectory() };
  const verdict = judgePermissions(ownership, uid, entry.isLegacy);
  if (verdict.is === 'refusal')
    throw refuse(entry, 'manifest/unsafe-permissions', `is not safe: ${shown} ${verdict.why}`);
  if (verdict.is === 'warning') warnings.push(`${shown} ${verdict.why}`);
}

/** Reads from one descriptor; undefined when that is not, or no longer, the file that was looked at. */
async function hashFile(path: string, expected: BigIntStats, entry: ScriptEntry) {
  if (expected.size > MAX_BYTES) throw refuse(entry, 'script/not-runnable', `has more than ${MAX_BYTES} bytes`);
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const file = openUnlessMoved(path, flags, entry);
  if (file === undefined) return undefined;
  try {
    const hash = createHash('sha256');
    const block = Buffer.allocUnsafe(Math.max(HEAD_BYTES, Math.min(BLOCK_BYTES, Number(expected.size) + 1)));
    const isSmall = expected.size <= READ_AT_ONCE_BYTES;
    let head: Buffer | undefined;
    for (;;) {
      const bytesRead = isSmall
        ? readSync(file, block, 0, block.length, null)
        : (await read(file, block, 0, block.length, null)).bytesRead;
      head ??= Buffer.from(block.subarray(0, Math.min(bytesRead, HEAD_BYTES)));
      if (bytesRead === 0) break;
      hash.update(block.subarray(0, bytesRead));
    }
    return isUnchanged(expected, fstatSync(file, { bigint: true })) ? { sha256: hash.digest('hex'), head } : undefined;
  } finally {
    closeSync(file);
  }
}

function openUnlessMoved(path: string, flags: number, entry: ScriptEntry): number | undefined {
  try {
    return openSync(path, flags);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ELOOP' || code === 'ENOENT') return undefined;
    throw refuse(entry, 'script/not-runnable', `cannot be read (${code})`, cause);
  }
}

const isUnchanged = (a: BigIntStats, b: BigIntStats): boolean => fileVersion(a) === fileVersion(b);

function refuse(entry: ScriptEntry, code: ErrorCode, why: string, cause?: unknown): MeshError {
  const detail = `scripts/${entry.parts.join('/')} of the script ${entry.name} (${entry.place}.path) ${why}`;
  return new MeshError(code, detail, { facts: { script: entry.name, place: entry.place }, cause });
}
