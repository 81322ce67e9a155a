import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ManifestReport } from '@scriptmesh/contracts';
import type { Logger } from '@scriptmesh/logging';
import type { Clock } from '@scriptmesh/runtime';
import { FileManifestReader } from './adapters/file-manifest-reader.js';
import { SCRIPT_SEARCH_PATH } from './search-path.js';

/** What an agent would tell of its manifest, without being one: nothing is made. undefined when there is no manifest yet. */
export async function lookAtManifest(home: string, clock: Clock, log: Logger): Promise<ManifestReport | undefined> {
  if (!existsSync(join(home, 'cfg/script_manifest.json'))) return undefined;
  return (await new FileManifestReader(home, SCRIPT_SEARCH_PATH, clock, log).report()).report;
}
