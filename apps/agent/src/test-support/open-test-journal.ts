import { CountedIds } from '@scriptmesh/testing';
import { FolderJournal } from '../features/journal/adapters/folder-journal.js';
import { NodeSpoolDisk } from '../features/journal/adapters/node-spool-disk.js';
import type { Journal, SpoolDisk } from '../features/journal/index.js';

export const aSpoolDisk = (): SpoolDisk => new NodeSpoolDisk();

/** The real journal, in a folder of the test. */
export const openTestJournal = (
  spool: string,
  more: { disk?: SpoolDisk; keptRecords?: number } = {},
): Promise<Journal> =>
  FolderJournal.open({ spool, disk: aSpoolDisk(), ids: new CountedIds(), keptRecords: 9, ...more });
