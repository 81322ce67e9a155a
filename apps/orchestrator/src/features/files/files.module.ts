/**
 * Files gives out what lies in the data folder: lists, bytes with ranges, and text for the 0.2 route. It writes nothing
 * there, keeps nothing in mind, and follows no link that leads out.
 * Called by the API, and by legacy for text.
 */
import { Module } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { DiskDataFolder } from './adapters/disk-data-folder.js';
import { DataFolder } from './data-folder.js';
import { FileSender } from './file-sender.js';
import { FilesApi } from './files.api.js';
import { FilesController } from './files.controller.js';
import { TextFiles } from './text-files.js';

@Module({
  controllers: [FilesController],
  providers: [
    {
      provide: DataFolder,
      inject: [OrchestratorSettings],
      useFactory: ({ dataDir }: OrchestratorSettings) => new DiskDataFolder(dataDir),
    },
    FileSender,
    FilesApi,
    TextFiles,
  ],
  exports: [TextFiles],
})
export class FilesModule {}
