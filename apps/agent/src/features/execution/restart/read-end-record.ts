import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isEndRecord, type EndRecord } from '../../journal/index.js';

/** The record `end` as it stands in the run's folder now: small, and read only for a run whose fate is not known. */
export function readEndRecord(folder: string): EndRecord | undefined {
  try {
    const end = JSON.parse(readFileSync(join(folder, 'end'), 'utf8')) as unknown;
    return isEndRecord(end) ? end : undefined;
  } catch {
    return undefined;
  }
}
