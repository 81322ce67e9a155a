import { link, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { SpoolDisk } from '../spool-disk.js';

export class NodeSpoolDisk extends SpoolDisk {
  override async makeFolder(path: string): Promise<void> {
    await mkdir(path, { recursive: true, mode: 0o700 });
  }

  override async writeFile(path: string, content: string | Uint8Array, options: { durable: boolean }): Promise<void> {
    const file = await open(path, 'w', 0o600);
    try {
      await file.writeFile(content);
      if (options.durable) await file.sync();
    } finally {
      await file.close();
    }
  }

  override link(from: string, to: string): Promise<void> {
    return link(from, to);
  }

  override rename(from: string, to: string): Promise<void> {
    return rename(from, to);
  }

  override remove(path: string): Promise<void> {
    return rm(path, { force: true });
  }

  override removeFolder(path: string): Promise<void> {
    return rm(path, { force: true, recursive: true });
  }

  override listNames(folder: string): Promise<readonly string[]> {
    return readdir(folder);
  }

  override async syncFolder(path: string): Promise<void> {
    // Windows cannot open a folder; its file systems keep names durable by themselves.
    if (process.platform === 'win32') return;
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
