export { CatalogueModule } from './catalogue.module.js';
export { ScriptCatalogue } from './script-catalogue.js';
