/**
 * The catalogue shows which scripts there are and where. It permits nothing: that is the agents' business.
 * Called by the API and by runs, for a quick word about a script that nobody lists.
 */
import { Module } from '@nestjs/common';
import { RegistryModule } from '../registry/index.js';
import { CatalogueApi } from './catalogue.api.js';
import { CatalogueController } from './catalogue.controller.js';
import { ScriptCatalogue } from './script-catalogue.js';

@Module({
  imports: [RegistryModule],
  controllers: [CatalogueController],
  providers: [ScriptCatalogue, CatalogueApi],
  exports: [ScriptCatalogue],
})
export class CatalogueModule {}
