import { Injectable } from '@nestjs/common';
import {
  decodeCursor,
  encodeCursor,
  type FileContentQueryDto,
  type FileDto,
  type FileListQueryDto,
  type FilePageDto,
} from '@scriptmesh/contracts/dto';
import type { Request, Response } from 'express';
import { DataFolder, type FileEntry } from './data-folder.js';
import { parseFilePath } from './domain/file-path.js';
import { FileSender } from './file-sender.js';

/** Files in the words of the API. */
@Injectable()
export class FilesApi {
  constructor(
    private readonly folder: DataFolder,
    private readonly sender: FileSender,
  ) {}

  /** The cursor is the last name of a page: what comes and goes between two pages moves nothing else. */
  async list({ path, limit, cursor }: FileListQueryDto): Promise<FilePageDto> {
    const after = cursor === undefined ? null : decodeCursor(cursor);
    const { entries, more } = await this.folder.list(parseFilePath(path), after, limit);
    return { items: entries.map(toFileDto), next: more === null ? null : encodeCursor(more) };
  }

  async send({ path }: FileContentQueryDto, request: Request, response: Response): Promise<void> {
    const file = await this.folder.openFile(parseFilePath(path));
    try {
      await this.sender.send(file, request, response);
    } finally {
      await file.close();
    }
  }
}

const toFileDto = ({ name, path, kind, bytes, modifiedMs }: FileEntry): FileDto => ({
  name,
  path,
  kind,
  bytes,
  modifiedAt: new Date(modifiedMs).toISOString(),
});
