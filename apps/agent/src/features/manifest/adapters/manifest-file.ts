import { isMeshError, MeshError } from '@scriptmesh/contracts';
import type { Logger } from '@scriptmesh/logging';
import type { Clock } from '@scriptmesh/runtime';
import type { Manifest } from '../domain/manifest.js';
import { readManifest } from '../domain/read-manifest.js';
import type { GuardedFile } from './guarded-file.js';

const MAX_BYTES = 1024 * 1024;
/** Within the grain of a file system's times a second change may look like the first. */
const UNSURE_MS = 100;

/**
 * The manifest's file and what is in force of it. A broken or unsafe file is told of while the last good manifest stays in
 * force; a file that is gone permits nothing.
 */
export class ManifestFile {
  #inForce: Manifest | null = null;
  #fault: MeshError | null = null;
  /** What the file looked like when it was read; null when it must be read again. */
  #seen: string | null = null;
  #warned = '';
  #reading: Promise<void> = Promise.resolve();
  readonly #listeners: (() => void)[] = [];

  constructor(
    private readonly file: GuardedFile,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  get inForce(): Manifest | null {
    return this.#inForce;
  }
  /** What is wrong with the file as it is now; null when it is what is in force. */
  get fault(): MeshError | null {
    return this.#fault;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Reads the file if it has changed. Calls wait for one another, so that a caller never sees an older state. */
  refresh(): Promise<void> {
    const next = this.#reading.then(() => this.#refresh());
    this.#reading = next.catch(() => undefined);
    return next;
  }

  /** Makes the next refresh read the file, whatever its times say. */
  distrust(): void {
    this.#seen = null;
  }

  async #refresh(): Promise<void> {
    const seen = this.file.describe();
    if (seen.text === this.#seen) return;
    const before = `${this.#inForce?.sha256}|${this.#fault?.detail}`;
    await this.#read();
    this.#seen = Math.abs(this.clock.nowMs() - seen.changedMs) < UNSURE_MS ? null : seen.text;
    if (before === `${this.#inForce?.sha256}|${this.#fault?.detail}`) return;
    this.#log();
    for (const listener of this.#listeners) listener();
  }

  async #read(): Promise<void> {
    try {
      const read = await this.file.read(MAX_BYTES);
      if (typeof read === 'string') throw invalid(read);
      const manifest = readManifest(read.bytes);
      this.#warn(this.file.settle(read.doubts, manifest.isLegacy));
      this.#inForce = manifest;
      this.#fault = null;
    } catch (error) {
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (isGone) this.#inForce = null;
      this.#fault = isMeshError(error)
        ? error
        : invalid(isGone ? 'is missing' : `cannot be read (${(error as Error).message})`, error);
    }
  }

  /** Once for each reason, not at every reading. */
  #warn(warnings: readonly string[]): void {
    const why = warnings.join('; ');
    if (why !== '' && why !== this.#warned)
      this.logger.warn('manifest.unsafe-permissions', { file: this.file.shown, why });
    this.#warned = why;
  }

  #log(): void {
    if (this.#fault) {
      this.logger.error('manifest.broken', {
        code: this.#fault.code,
        why: this.#fault.detail,
        inForce: this.#inForce?.sha256 ?? null,
      });
      return;
    }
    for (const refused of this.#inForce?.refused ?? [])
      this.logger.warn('manifest.entry-refused', { why: refused.why });
    this.logger.info('manifest.in-force', { sha256: this.#inForce?.sha256, scripts: this.#inForce?.entries.size });
  }
}

const invalid = (why: string, cause?: unknown): MeshError =>
  new MeshError('manifest/invalid', `cfg/script_manifest.json ${why}`, { cause });
