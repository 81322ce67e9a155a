import type { FileKind } from '@scriptmesh/contracts';
import type { ByteRange } from './domain/byte-range.js';
import type { FilePath } from './domain/file-path.js';

export interface FileEntry {
  readonly name: string;
  readonly path: string;
  readonly kind: FileKind;
  /** null for a folder. */
  readonly bytes: number | null;
  readonly modifiedMs: number;
}

export interface Listing {
  /** By name, at most as many as were asked for. */
  readonly entries: readonly FileEntry[];
  /** The last name that was looked at; null when there is nothing after it. */
  readonly more: string | null;
}

/** A file held open: what is read belongs to the file that was checked, whatever its name means by now. Close it. */
export interface OpenFile {
  readonly name: string;
  /** When it was opened; what is written behind it later is not read. */
  readonly bytes: number;
  /** Another one whenever the content is another one. */
  readonly version: string;
  /** A piece at a time, each when the one before was taken. @throws MeshError file/unreadable, also when bytes are gone */
  read(range: ByteRange): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/**
 * The folder whose files are given out. Links are followed inside of it and nowhere else; what is neither a file nor a
 * folder (FIFO, device, socket) is never opened. Errors are MeshErrors and tell nothing of the server's own paths.
 */
export abstract class DataFolder {
  /** @throws MeshError file/unsafe-path for what lies outside; file/not-found, also for a folder; file/unreadable */
  abstract openFile(path: FilePath): Promise<OpenFile>;
  /**
   * What can be read or listed in one folder; the rest is left out.
   * @param after only names behind this one; null = from the first
   * @throws MeshError as openFile; file/not-found also for a file
   */
  abstract list(folder: FilePath, after: string | null, limit: number): Promise<Listing>;
}
