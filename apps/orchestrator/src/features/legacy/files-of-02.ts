import { Injectable } from '@nestjs/common';
import {
  isLegacyReply,
  isMeshError,
  legacyDetail,
  legacyReply,
  readLegacyQuery,
  type LegacyReply,
} from '@scriptmesh/contracts';
import { TextFiles } from '../files/index.js';

/** GET /read of 0.2: a file of the data folder as text. */
@Injectable()
export class FilesOf02 {
  constructor(private readonly files: TextFiles) {}

  async read(query: Readonly<Record<string, unknown>>): Promise<LegacyReply> {
    const filename = readLegacyQuery(query, 'filename');
    if (isLegacyReply(filename)) return filename;
    try {
      return legacyReply(200, { content: await this.files.readText(filename) });
    } catch (error) {
      if (!isMeshError(error)) throw error;
      if (error.code === 'file/unsafe-path') return legacyDetail(400, 'Invalid file path');
      if (error.code === 'file/not-found') return legacyDetail(404, 'File not found');
      return legacyDetail(error.status, error.detail);
    }
  }
}
