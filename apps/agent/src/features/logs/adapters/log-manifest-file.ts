import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnModuleInit } from '@nestjs/common';
import { isMeshError } from '@scriptmesh/contracts';
import type { LogSources } from '@scriptmesh/log-files';
import type { Logger } from '@scriptmesh/logging';
import { checkWriters, readBoundedFile } from '../../manifest/index.js';
import { ownLog, readLogManifest } from '../domain/read-log-manifest.js';

const MAX_BYTES = 256 * 1024;
const EMPTY = '{\n  "logs": []\n}\n';

/**
 * `cfg/log_manifest.json`, read at every question: it is small, and an edit is in force at once. While it is broken
 * the last good one stays in force; without one only the agent's own log is listed.
 */
export class LogManifestFile implements OnModuleInit {
  readonly #path: string;
  #inForce: LogSources;
  #bytes: Uint8Array | null = null;
  #fault: string | null = null;

  constructor(
    private readonly home: string,
    private readonly log: Logger,
  ) {
    this.#path = join(home, 'cfg', 'log_manifest.json');
    this.#inForce = this.#ownLogOnly();
  }

  /** Gives a new node an empty manifest to fill in; what stands there already is left alone. */
  async onModuleInit(): Promise<void> {
    try {
      await mkdir(join(this.home, 'cfg'), { recursive: true, mode: 0o700 });
      const handle = await open(this.#path, 'wx', 0o644);
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
      const read = await readBoundedFile(this.#path, MAX_BYTES);
      if (typeof read === 'string') this.#fault = `cfg/log_manifest.json ${read}`;
      else {
        // Group-writable is let pass, as for 0.2 manifests: both lie in one folder.
        await checkWriters(this.#path, read.stats, true);
        this.#take(read.bytes);
      }
    } catch (error) {
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (isGone) this.#forget();
      else this.#fault = isMeshError(error) ? error.detail : `cfg/log_manifest.json cannot be read (${String(error)})`;
    }
    if (this.#fault !== null && this.#fault !== before) this.log.error('logs.manifest-broken', { why: this.#fault });
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
