import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { MeshError } from '@scriptmesh/contracts';
import type { OpenFile } from '../data-folder.js';
import { bytesOf, type ByteRange } from '../domain/byte-range.js';
import { showPath, type FilePath } from '../domain/file-path.js';
import { toFileFault } from './file-fault.js';

const PIECE_BYTES = 256 * 1024;

export class OpenedFile implements OpenFile {
  readonly name: string;
  readonly bytes: number;
  readonly version: string;

  constructor(
    private readonly handle: FileHandle,
    private readonly path: FilePath,
    { dev, ino, size, ctimeNs }: BigIntStats,
  ) {
    this.name = path.parts.at(-1) ?? '';
    this.bytes = Number(size);
    // Not the time of the last change, which anybody may set back.
    this.version = [dev, ino, size, ctimeNs].map((value) => value.toString(36)).join('-');
  }

  async *read(range: ByteRange): AsyncGenerator<Uint8Array> {
    for (let at = range.first; at <= range.last;) {
      const piece = await this.#readPiece(at, Math.min(PIECE_BYTES, bytesOf({ first: at, last: range.last })));
      at += piece.byteLength;
      yield piece;
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  async #readPiece(at: number, length: number): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await this.handle.read(buffer, 0, length, at).catch((error: unknown) => {
      throw toFileFault(error, this.path);
    });
    if (bytesRead > 0) return buffer.subarray(0, bytesRead);
    throw new MeshError('file/unreadable', `${showPath(this.path)} became shorter while it was read`, {
      hint: 'Read it again.',
    });
  }
}
