import { linkSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpoolDisk } from '../../apps/agent/src/features/journal/index.js';
import type { Life } from './life.js';

/**
 * A disk without waiting, so that a history is the same each time. After the crash of its program nothing gets there
 * any more; a crash may be set to come after so many operations, in the middle of a record.
 */
export class LifeDisk extends SpoolDisk {
  /** The program ends when so many further operations were done; null: not by itself. */
  crashAfter: number | null = null;

  constructor(
    private readonly life: Life,
    private readonly onCrash: () => void,
  ) {
    super();
  }

  override async makeFolder(path: string): Promise<void> {
    this.#use();
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
  override async writeFile(path: string, content: string | Uint8Array): Promise<void> {
    this.#use();
    writeFileSync(path, content, { mode: 0o600 });
  }
  override async link(from: string, to: string): Promise<void> {
    this.#use();
    linkSync(from, to);
  }
  override async rename(from: string, to: string): Promise<void> {
    this.#use();
    renameSync(from, to);
  }
  override async remove(path: string): Promise<void> {
    this.#use();
    rmSync(path, { force: true });
  }
  override async removeAll(folder: string, names: readonly string[]): Promise<void> {
    for (const name of names) await this.remove(join(folder, name));
  }
  override async removeFolder(path: string): Promise<void> {
    this.#use();
    rmSync(path, { force: true, recursive: true });
  }
  override async listNames(folder: string): Promise<readonly string[]> {
    this.#use();
    return readdirSync(folder);
  }
  override async syncFolder(): Promise<void> {
    this.#use();
  }

  #use(): void {
    if (!this.life.isOver && this.crashAfter !== null) {
      this.crashAfter -= 1;
      if (this.crashAfter < 0) this.onCrash();
    }
    if (this.life.isOver) throw Object.assign(new Error('the program has crashed'), { code: 'EIO' });
  }
}
