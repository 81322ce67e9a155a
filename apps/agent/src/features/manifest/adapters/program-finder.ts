import { stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Clock } from '@scriptmesh/runtime';

const KEPT_MS = 10_000;
const ENDINGS = process.platform === 'win32' ? ['', '.exe'] : [''];

/** Finds programs on a search path, and remembers what it found for ten seconds. */
export class ProgramFinder {
  readonly #found = new Map<string, { readonly file: string; readonly untilMs: number }>();

  constructor(
    private readonly clock: Clock,
    readonly searchPath: string,
  ) {}

  /** The absolute path of the first of these programs that is there; undefined when none is. */
  async findFirst(programs: readonly string[]): Promise<string | undefined> {
    for (const program of programs) {
      const file = await this.#find(program);
      if (file !== undefined) return file;
    }
    return undefined;
  }

  async #find(program: string): Promise<string | undefined> {
    const known = this.#found.get(program);
    if (known && known.untilMs > this.clock.monotonicMs()) return known.file;
    this.#found.delete(program);
    for (const candidate of this.#candidates(program)) {
      if (!(await isProgram(candidate))) continue;
      this.#found.set(program, { file: candidate, untilMs: this.clock.monotonicMs() + KEPT_MS });
      return candidate;
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

async function isProgram(path: string): Promise<boolean> {
  try {
    const stats = await stat(path);
    return stats.isFile() && (process.platform === 'win32' || (stats.mode & 0o111) !== 0);
  } catch {
    return false;
  }
}
