/** One script that the manifest permits; its file is checked anew at every run. */
export interface ScriptEntry {
  readonly name: string;
  /** As written in the manifest. */
  readonly path: string;
  /** The file's path below the scripts folder, one part each; no part is `..`, `.` or empty. */
  readonly parts: readonly string[];
  readonly description: string | null;
  /** A program name or an absolute path. */
  readonly interpreter: string | null;
  readonly timeoutSeconds: number | null;
  readonly maxConcurrent: number | null;
  /** Running it twice does no harm, so it may be tried again automatically. */
  readonly idempotent: boolean;
  /** The only bytes that may run, in hex; null = any. */
  readonly sha256: string | null;
  /** As in `scripts[2]`. */
  readonly place: string;
  /** Written for 0.2: `name` and `path` alone, in a file without `$schema`. */
  readonly isLegacy: boolean;
}

/** An entry that is not served, while the others are. */
export interface RefusedEntry {
  readonly place: string;
  /** null when the entry has no usable name. */
  readonly name: string | null;
  /** As written, or empty. */
  readonly path: string;
  readonly code: 'manifest/unsafe-path' | 'manifest/invalid';
  /** With the place, as in `scripts[2].path: ...`. */
  readonly why: string;
}

/** A manifest that is in force, or could be. Keyed by Map, so that `__proto__` and `toString` are no script. */
export interface Manifest {
  /** Of the file's bytes, in hex. */
  readonly sha256: string;
  /** In the order of the file. */
  readonly entries: ReadonlyMap<string, ScriptEntry>;
  readonly refused: readonly RefusedEntry[];
  /** The whole file is written for 0.2: no `$schema`, and no entry has more than `name` and `path`. */
  readonly isLegacy: boolean;
}
