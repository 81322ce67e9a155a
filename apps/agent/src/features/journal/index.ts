export { Journal, type Fence, type HeardStore, type IntentRecord, type RunRecord } from './journal.js';
export { isEndRecord, type EndRecord } from './domain/end-record.js';
export { SpoolDisk } from './spool-disk.js';
export { SpoolFolder } from './adapters/spool-folder.js';
export { SpoolSpace } from './spool-space.js';
export { replaceFile } from './adapters/durable-record.js';
export { JournalModule } from './journal.module.js';
