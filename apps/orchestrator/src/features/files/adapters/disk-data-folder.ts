import type { BigIntStats } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { isMeshError, MeshError, type FileKind } from '@scriptmesh/contracts';
import { DataFolder, type FileEntry, type Listing, type OpenFile } from '../data-folder.js';
import { findChild, showPath, type FilePath } from '../domain/file-path.js';
import { firstNames } from '../domain/first-names.js';
import { OpenedFile } from './opened-file.js';
import { bestWay, usePlace, type Place } from './place.js';

const NAMES_AT_ONCE = 512;
/** What Date can show; some file systems hold times far beyond it. */
const LAST_MS = 8.64e15;

/** A folder of this machine. It may itself be reached by links, and need not be there yet. */
export class DiskDataFolder extends DataFolder {
  constructor(
    private readonly folder: string,
    private readonly way = bestWay(),
  ) {
    super();
  }

  override openFile(path: FilePath): Promise<OpenFile> {
    return usePlace(this.way, this.folder, path, async (place) => {
      checkKind(place.stats, 'file', path);
      return new OpenedFile(await place.open(), path, place.stats);
    });
  }

  override async list(folder: FilePath, after: string | null, limit: number): Promise<Listing> {
    const names = await usePlace(this.way, this.folder, folder, (place) => {
      checkKind(place.stats, 'folder', folder);
      return firstNames(namesIn(place, folder), after, limit + 1);
    });
    const entries: FileEntry[] = [];
    for (const name of names.slice(0, limit)) {
      const entry = await this.#look(findChild(folder, name));
      if (entry) entries.push(entry);
    }
    return { entries, more: names.length > limit ? (names[limit - 1] ?? null) : null };
  }

  /** undefined for what cannot be given out, or is gone by now. */
  async #look(path: FilePath | undefined): Promise<FileEntry | undefined> {
    if (path === undefined) return undefined;
    try {
      return await usePlace(this.way, this.folder, path, async ({ stats }) => toEntry(path, stats));
    } catch (error) {
      if (isMeshError(error) && (error.code === 'file/unsafe-path' || error.code === 'file/not-found'))
        return undefined;
      throw error;
    }
  }
}

async function* namesIn({ alias }: Place, folder: FilePath): AsyncGenerator<string> {
  for await (const entry of await opendir(alias, { bufferSize: NAMES_AT_ONCE })) {
    const mayBeGiven = entry.isFile() || entry.isDirectory() || entry.isSymbolicLink();
    if (mayBeGiven && findChild(folder, entry.name)) yield entry.name;
  }
}

function toEntry(path: FilePath, stats: BigIntStats): FileEntry | undefined {
  const kind = kindOf(stats);
  if (kind === undefined) return undefined;
  return {
    name: path.parts.at(-1) ?? '',
    path: path.text,
    kind,
    bytes: kind === 'file' ? Number(stats.size) : null,
    modifiedMs: Math.max(-LAST_MS, Math.min(LAST_MS, Number(stats.mtimeMs))),
  };
}

function checkKind(stats: BigIntStats, wanted: FileKind, path: FilePath): void {
  const kind = kindOf(stats);
  if (kind === wanted) return;
  const isIt = kind === undefined ? 'neither a file nor a folder' : `a ${kind}, not a ${wanted}`;
  throw new MeshError('file/not-found', `${showPath(path)} is ${isIt}`);
}

function kindOf(stats: BigIntStats): FileKind | undefined {
  if (stats.isFile()) return 'file';
  return stats.isDirectory() ? 'folder' : undefined;
}
