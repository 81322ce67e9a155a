export { ManifestModule } from './manifest.module.js';
export { ManifestReader, type RunnableScript } from './manifest-reader.js';
export { checkWriters } from './adapters/check-writers.js';
export { readBoundedFile } from './adapters/read-bounded-file.js';
export { SCRIPT_SEARCH_PATH } from './search-path.js';
export { JsonFault, parseJson } from './domain/parse-json.js';
