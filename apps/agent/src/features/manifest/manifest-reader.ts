import type { ManifestReport } from '@scriptmesh/contracts';

/** A script that may be started right now: everything about its file was checked. */
export interface RunnableScript {
  readonly name: string;
  /** Absolute real path of the file, inside the scripts folder. */
  readonly file: string;
  /** SHA-256 of the bytes that were checked, in hex. */
  readonly sha256: string;
  /** Which version of the file has these bytes: the supervisor starts no other one. */
  readonly version: string;
  /** Program first, then its arguments, then the file; never a shell's word. */
  readonly argv: readonly string[];
  /** The manifest's limit; null leaves it to the agent's default. */
  readonly timeoutMs: number | null;
  /** Runs of this script at the same time; null = no limit of its own. */
  readonly maxConcurrent: number | null;
}

/** The node's list of permitted scripts: a script is in it or it does not exist. */
export abstract class ManifestReader {
  /**
   * Finds a script in the manifest in force and checks its file: path confined, permissions, interpreter, hash.
   * @throws MeshError script/not-found, script/file-missing, script/not-runnable, manifest/unsafe-path,
   *   manifest/unsafe-permissions or manifest/hash-mismatch, each naming the script and the place
   */
  abstract checkScript(name: string): Promise<RunnableScript>;
  /** What is told to the orchestrator; `sha256` is of the manifest's bytes in force, null when none was ever good. */
  abstract report(): Promise<{ readonly sha256: string | null; readonly report: ManifestReport }>;
  /** SHA-256 of the manifest in force; null when none was ever good. */
  abstract get sha256(): string | null;
  /** A new manifest is in force, or a broken one was found. */
  abstract onChange(listener: () => void): void;
}
