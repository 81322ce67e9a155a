import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { STREAMS } from '@scriptmesh/contracts';
import type { Journal } from '../journal.js';
import { SpoolSpace } from '../spool-space.js';

export class FolderSpace extends SpoolSpace {
  constructor(
    private readonly spool: string,
    private readonly journal: Journal,
  ) {
    super();
  }

  override async diskFree(): Promise<number | null> {
    try {
      const { bavail, bsize } = await statfs(this.spool);
      return bavail * bsize;
    } catch {
      return null;
    }
  }

  override async spoolBytes(): Promise<number> {
    const files = this.journal
      .open()
      .flatMap(({ runId }) => STREAMS.map((stream) => join(this.journal.folderOf(runId), stream)));
    let bytes = 0;
    for (const file of files)
      bytes += await stat(file).then(
        (found) => found.size,
        () => 0,
      );
    return bytes;
  }
}
