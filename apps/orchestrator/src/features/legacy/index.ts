export { ImportOf02, type ImportReport } from './import-of-02.js';
export { LegacyModule } from './legacy.module.js';
