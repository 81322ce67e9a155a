import { statSync } from 'node:fs';
import { MeshError } from '@scriptmesh/contracts';

/**
 * Notices that the files of an open database were removed, moved or replaced. SQLite goes on writing to what it has
 * open, and all of that would be gone at the next start.
 */
export class FilesInPlace {
  readonly #opened: Map<string, string | undefined>;

  /** @param file of a database that is open with a write-ahead log */
  constructor(file: string) {
    this.#opened = new Map([file, `${file}-wal`].map((path) => [path, identify(path)]));
  }

  /** @throws MeshError store/unavailable */
  check(): void {
    for (const [path, opened] of this.#opened) {
      const found = identify(path);
      // SQLite makes the log when it needs one.
      if (opened === undefined) this.#opened.set(path, found);
      if (opened === undefined || found === opened) continue;
      throw new MeshError(
        'store/unavailable',
        `the database file ${path} was removed or replaced while it was in use`,
        {
          hint: `Put it back before you stop the orchestrator: what is open can be copied from /proc/${process.pid}/fd.`,
        },
      );
    }
  }
}

function identify(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}
