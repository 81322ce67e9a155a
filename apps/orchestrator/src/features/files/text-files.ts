import { Injectable } from '@nestjs/common';
import { MeshError } from '@scriptmesh/contracts';
import { DataFolder, type OpenFile } from './data-folder.js';
import { wholeOf } from './domain/byte-range.js';
import { parseFilePath } from './domain/file-path.js';

/**
 * The text goes out inside JSON and so stands in memory several times over: a few readers at once must be bearable.
 * Larger files are there under /api/v1/files/content, which holds none of them whole.
 */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;

/** Files as 0.2 gave them out: whole, as text. */
@Injectable()
export class TextFiles {
  constructor(private readonly folder: DataFolder) {}

  /**
   * CRLF and CR become LF; bytes that are not UTF-8 become U+FFFD; a byte order mark stays.
   * @throws MeshError file/unsafe-path for what lies or leads outside of the data folder; file/not-found for a missing
   * file, a folder, a FIFO or device, and an empty name; file/too-large beyond 16 MiB; file/unreadable
   */
  async readText(filename: string): Promise<string> {
    const file = await this.folder.openFile(parseFilePath(filename));
    try {
      return (await readWhole(file)).replace(/\r\n?/g, '\n');
    } finally {
      await file.close();
    }
  }
}

async function readWhole(file: OpenFile): Promise<string> {
  if (file.bytes > MAX_TEXT_BYTES) {
    throw new MeshError(
      'file/too-large',
      `"${file.name}" has ${file.bytes} bytes; at most ${MAX_TEXT_BYTES} are given out as text`,
      { hint: 'Read it with GET /api/v1/files/content, or "scriptmesh files read".' },
    );
  }
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let text = '';
  for await (const piece of file.read(wholeOf(file.bytes))) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}
