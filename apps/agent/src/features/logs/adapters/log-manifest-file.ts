import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnModuleInit } from '@nestjs/common';
import { isMeshError } from '@scriptmesh/contracts';
import type { LogSources } from '@scriptmesh/log-files';
import type { Logger } from '@scriptmesh/logging';
import { GuardedFile } from '../../manifest/index.js';
import { ownLog, readLogManifest } from '../domain/read-log-manifest.js';

const MAX_BYTES = 256 * 1024;
const EMPTY = '{\n  "logs": []\n}\n';

/**
 * `cfg/log_manifest.json`, read at every question: it is small, and an edit is in force at once. While it is broken
 * or others can write it the last good one stays in force; without one only the agent's own log is listed.
 */
export class LogManifestFile implements OnModuleInit {
  readonly #file: GuardedFile;
  #inForce: LogSources;
  #bytes: Uint8Array | null = null;
  #fault: string | null = null;
  #warned = '';

  constructor(
    private readonly home: string,
    private readonly log: Logger,
  ) {
    this.#file = new GuardedFile(home, 'log_manifest.json');
    this.#inForce = this.#ownLogOnly();
  }

  /** Gives a new node an empty manifest to fill in; what stands there already is left alone. */
  async onModuleInit(): Promise<void> {
    try {
      await mkdir(join(this.home, 'cfg'), { recursive: true, mode: 0o700 });
      const handle = await open(this.#file.path, 'wx', 0o644);
      await handle.writeFile(EMPTY).finally(() => handle.close());
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') this.log.warn('logs.manifest-not-created', { error });
    }
  }

  async sources(): Promise<LogSources> {
    await this.#refresh();
    const { sources, faults } = this.#inForce;
    return { sources, faults: this.#fault === null ? faults : [this.#fault, ...faults] };
  }

  async #refresh(): Promise<void> {
    const before = this.#fault;
    try {
      const read = await this.#file.read(MAX_BYTES);
      if (typeof read === 'string') this.#fault = `cfg/log_manifest.json ${read}`;
      else {
        // 0.2 had no such file, so none is let pass for its sake.
        this.#warn(this.#file.settle(read.doubts, false));
        this.#take(read.bytes);
      }
    } catch (error) {
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (isGone) this.#forget();
      else this.#fault = isMeshError(error) ? error.detail : `cfg/log_manifest.json cannot be read (${String(error)})`;
    }
    if (this.#fault !== null && this.#fault !== before) this.log.error('logs.manifest-broken', { why: this.#fault });
  }

  /** Once for each reason, not at every question. */
  #warn(warnings: readonly string[]): void {
    const why = warnings.join('; ');
    if (why !== '' && why !== this.#warned) this.log.warn('logs.unsafe-permissions', { file: this.#file.shown, why });
    this.#warned = why;
  }

  #take(bytes: Uint8Array): void {
    if (this.#bytes && Buffer.compare(this.#bytes, bytes) === 0) {
      this.#fault = null;
      return;
    }
    this.#inForce = readLogManifest(bytes, this.home);
    this.#bytes = bytes;
    this.#fault = null;
    for (const why of this.#inForce.faults) this.log.warn('logs.entry-refused', { why });
  }

  #forget(): void {
    this.#inForce = this.#ownLogOnly();
    this.#bytes = null;
    this.#fault = null;
  }

  #ownLogOnly(): LogSources {
    return { sources: new Map([[ownLog(this.home).name, ownLog(this.home)]]), faults: [] };
  }
}
