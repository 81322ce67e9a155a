import { statfsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { STREAMS } from '@scriptmesh/contracts';
import type { Clock } from '@scriptmesh/runtime';
import type { EndRecord } from '../domain/end-record.js';
import type { Journal } from '../journal.js';
import { SpoolSpace } from '../spool-space.js';

/** Every offer asks; so the files are looked at once in this time. */
const MEASURE_IS_FRESH_MS = 1_000;

export class FolderSpace extends SpoolSpace {
  #measured: { readonly atMs: number; readonly bytes: Promise<number> } | undefined;

  constructor(
    private readonly spool: string,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async diskFree(): Promise<number | null> {
    try {
      const { bavail, bsize } = statfsSync(this.spool);
      return bavail * bsize;
    } catch {
      return null;
    }
  }

  override spoolBytes(): Promise<number> {
    const nowMs = this.clock.monotonicMs();
    if (!this.#measured || nowMs - this.#measured.atMs > MEASURE_IS_FRESH_MS) {
      this.#measured = { atMs: nowMs, bytes: this.#measure() };
    }
    return this.#measured.bytes;
  }

  async #measure(): Promise<number> {
    const files = this.journal
      .open()
      .flatMap(({ runId, end }) => outputFiles(end).map((name) => join(this.journal.folderOf(runId), name)));
    let bytes = 0;
    for (const file of files)
      bytes += await stat(file).then(
        (found) => found.size,
        () => 0,
      );
    return bytes;
  }
}

/** Tails are written when the script has ended, and only beyond the limit. */
const outputFiles = (end: EndRecord | null): readonly string[] =>
  end?.kind === 'exit' && end.tails ? [...STREAMS, ...STREAMS.map((stream) => `${stream}.tail`)] : STREAMS;
