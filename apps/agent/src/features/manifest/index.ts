export { lookAtManifest } from './look-at-manifest.js';
export { ManifestModule } from './manifest.module.js';
export { ManifestReader, type RunnableScript } from './manifest-reader.js';
export { GuardedFile } from './adapters/guarded-file.js';
export { readBoundedFile } from './adapters/read-bounded-file.js';
export { SCRIPT_SEARCH_PATH } from './search-path.js';
export { JsonFault, parseJson } from './domain/parse-json.js';
