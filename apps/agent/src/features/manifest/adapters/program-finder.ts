import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import type { Clock } from '@scriptmesh/runtime';
import { canBeWrittenByEveryone } from '../domain/permissions.js';

const KEPT_MS = 10_000;
const ENDINGS = process.platform === 'win32' ? ['', '.exe'] : [''];

/** A program that was found, by its absolute path. */
export interface FoundProgram {
  readonly file: string;
  /** The file or folder through which everyone could put another program in its place; null when there is none. */
  readonly openTo: string | null;
}

/** Finds programs on a search path, and remembers what it found for ten seconds. */
export class ProgramFinder {
  readonly #found = new Map<string, FoundProgram & { readonly untilMs: number }>();

  constructor(
    private readonly clock: Clock,
    readonly searchPath: string,
  ) {}

  /** The first of these programs that is there; undefined when none is. */
  async findFirst(programs: readonly string[]): Promise<FoundProgram | undefined> {
    for (const program of programs) {
      const found = await this.#find(program);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #find(program: string): Promise<FoundProgram | undefined> {
    const known = this.#found.get(program);
    if (known && known.untilMs > this.clock.monotonicMs()) return known;
    this.#found.delete(program);
    for (const candidate of this.#candidates(program)) {
      const stats = await stat(candidate).catch(() => null);
      if (!stats || !isProgram(stats)) continue;
      const found = {
        file: candidate,
        openTo: await findOpenPlace(candidate, stats),
        untilMs: this.clock.monotonicMs() + KEPT_MS,
      };
      this.#found.set(program, found);
      return found;
    }
    return undefined;
  }

  /** A relative path with a folder in it would depend on the working folder, so it is never found. */
  #candidates(program: string): readonly string[] {
    const isPath = /[\\/]/.test(program);
    if (isPath && !isAbsolute(program)) return [];
    const bases = isPath ? [program] : this.searchPath.split(delimiter).map((folder) => join(folder, program));
    return bases.flatMap((base) => ENDINGS.map((ending) => base + ending));
  }
}

const isProgram = (stats: Stats): boolean =>
  stats.isFile() && (process.platform === 'win32' || (stats.mode & 0o111) !== 0);

async function findOpenPlace(file: string, stats: Stats): Promise<string | null> {
  if (process.platform === 'win32') return null;
  if (canBeWrittenByEveryone({ mode: stats.mode, uid: stats.uid, isFolder: false })) return file;
  const real = await realpath(file).catch(() => file);
  for (const folder of new Set([dirname(file), dirname(real)])) {
    const { mode, uid } = await stat(folder);
    if (canBeWrittenByEveryone({ mode, uid, isFolder: true })) return folder;
  }
  return null;
}
