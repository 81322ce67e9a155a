/**
 * The node's list of permitted scripts: reads, watches and judges `cfg/script_manifest.json` and the files it names.
 * It starts nothing and keeps no record. Called by execution before a run and by reporting for the catalogue.
 * AgentSettings, Clock and Logger come from global modules of the program.
 */
import { Module } from '@nestjs/common';
import { AgentSettings } from '@scriptmesh/config';
import { Logger } from '@scriptmesh/logging';
import { Clock } from '@scriptmesh/runtime';
import { FileManifestReader } from './adapters/file-manifest-reader.js';
import { ManifestReader } from './manifest-reader.js';
import { SCRIPT_SEARCH_PATH } from './search-path.js';

@Module({
  providers: [
    {
      provide: ManifestReader,
      inject: [AgentSettings, Clock, Logger],
      useFactory: (settings: AgentSettings, clock: Clock, logger: Logger) =>
        new FileManifestReader(settings.home, SCRIPT_SEARCH_PATH, clock, logger),
    },
  ],
  exports: [ManifestReader],
})
export class ManifestModule {}
