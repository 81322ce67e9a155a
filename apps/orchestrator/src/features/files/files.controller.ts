import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { FileContentQueryDto, FileListQueryDto, FilePageDto } from '@scriptmesh/contracts/dto';
import type { Request, Response } from 'express';
import { ApiProblems } from '../../http/api-problems.decorator.js';
import { FilesApi } from './files.api.js';

const BYTES = { schema: { type: 'string', format: 'binary', example: 'day,runs\n' } } as const;

@ApiTags('files')
@Controller('api/v1/files')
export class FilesController {
  constructor(private readonly api: FilesApi) {}

  @Get()
  @ApiOperation({ summary: 'List a folder of the data folder, by name' })
  @ApiOkResponse({ type: FilePageDto })
  @ApiProblems('file/unsafe-path', 'request/malformed', 'file/not-found', 'file/unreadable')
  list(@Query() query: FileListQueryDto): Promise<FilePageDto> {
    return this.api.list(query);
  }

  @Get('content')
  @ApiOperation({ summary: 'Read a file of the data folder, or a range of it' })
  @ApiHeader({
    name: 'Range',
    required: false,
    description: 'One range of bytes; several at once are answered with the whole file',
    schema: { type: 'string' },
    example: 'bytes=0-1023',
  })
  @ApiHeader({
    name: 'If-Range',
    required: false,
    description: 'The ETag of an earlier answer: of a file that is another one now, the whole is sent',
    schema: { type: 'string' },
    example: '"1t-2w5-8-dq7kmmq5o1a0"',
  })
  @ApiProduces('application/octet-stream')
  @ApiOkResponse({ ...BYTES, description: 'The bytes as they are, at most 1 GiB; a larger file is read in ranges' })
  @ApiResponse({
    ...BYTES,
    status: 206,
    description: 'The range, as told by Content-Range; at most 1 GiB of it',
  })
  @ApiProblems(
    'file/unsafe-path',
    'request/malformed',
    'file/not-found',
    'file/too-large',
    'file/range-outside',
    'file/unreadable',
  )
  read(@Query() query: FileContentQueryDto, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.api.send(query, request, response);
  }
}
