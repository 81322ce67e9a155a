export { OutputReader } from './output-reader.js';
export { ReportingModule } from './reporting.module.js';
