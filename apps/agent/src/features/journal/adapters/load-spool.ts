import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isRunId, type RunId } from '@scriptmesh/contracts';
import { isEndRecord, type EndRecord } from '../domain/end-record.js';
import type { HeardStore, RunRecord } from '../journal.js';
import {
  isFence,
  isIntentFile,
  isJournalFile,
  isOfRun,
  JOURNAL_FILE,
  readHeard,
  type JournalFile,
} from './spool-files.js';

interface LoadedSpool {
  /** null: a new spool, or one whose state cannot be read any more. */
  readonly journal: JournalFile | null;
  readonly records: ReadonlyMap<RunId, RunRecord>;
  readonly recordCount: number;
  /** What each of the files tells of the orchestrator's store. */
  readonly heard: readonly HeardStore[];
  /** Files that could not be read, with what was made of them. */
  readonly faults: readonly string[];
}

interface Loaded {
  readonly record: RunRecord;
  readonly n: number;
  readonly heard?: HeardStore | undefined;
}

/**
 * Reads the whole spool once, before anything else happens, so plain synchronous calls are the fastest way.
 * Half-written files are cleaned away; a record whose bytes are broken still counts as what its name says, so that
 * nothing is ever started a second time.
 */
export function loadSpool(spool: string): LoadedSpool {
  const faults: string[] = [];
  const records = new Map<RunId, RunRecord>();
  const journal = loadJournalFile(spool, faults);
  let recordCount = journal?.count ?? 0;
  const heard = [readHeard(journal)];
  for (const entry of readdirSync(spool, { withFileTypes: true })) {
    if (!entry.isDirectory() || !isRunId(entry.name)) continue;
    const loaded = loadRun(join(spool, entry.name), entry.name, faults);
    if (!loaded) {
      rmSync(join(spool, entry.name), { recursive: true, force: true });
      continue;
    }
    records.set(entry.name, loaded.record);
    recordCount = Math.max(recordCount, loaded.n);
    heard.push(loaded.heard);
  }
  return { journal, records, recordCount, heard: heard.filter((one) => one !== undefined), faults };
}

function loadJournalFile(spool: string, faults: string[]): JournalFile | null {
  rmSync(join(spool, `${JOURNAL_FILE}.tmp`), { force: true });
  const value = readJson(join(spool, JOURNAL_FILE));
  if (isJournalFile(value)) return value;
  if (value !== undefined) faults.push(`${JOURNAL_FILE} cannot be read: this spool gets a new journal id`);
  return null;
}

function loadRun(folder: string, runId: RunId, faults: string[]): Loaded | undefined {
  const names = new Set(readdirSync(folder));
  if (names.has('done')) return loadDone(folder, runId, names, faults);
  if (names.has('intent')) return loadIntent(folder, runId, names, faults);
  return names.has('fence') ? loadFence(folder, runId, names, faults) : undefined;
}

function loadDone(folder: string, runId: RunId, names: ReadonlySet<string>, faults: string[]): Loaded {
  leaveOnly('done', folder, names);
  const file = readJson(join(folder, 'done'));
  if (isOfRun(file, runId) && isEndRecord(file['end'])) {
    return {
      n: file.n,
      heard: readHeard(file),
      record: { kind: 'done', runId, receipt: file.receipt, end: file['end'] },
    };
  }
  faults.push(`${runId}/done cannot be read: the run counts as ended, how is not known`);
  return { n: 0, record: { kind: 'done', runId, receipt: '', end: brokenEnd('done') } };
}

/** The others are what an agent that died was about to remove. */
function leaveOnly(record: string, folder: string, names: ReadonlySet<string>): void {
  for (const name of names) if (name !== record) rmSync(join(folder, name), { recursive: true, force: true });
}

function loadIntent(folder: string, runId: RunId, names: ReadonlySet<string>, faults: string[]): Loaded {
  const end = names.has('end') ? loadEnd(folder, runId, faults) : null;
  const file = readJson(join(folder, 'intent'));
  if (isIntentFile(file, runId)) {
    const { n, receipt, script, scriptSha, timeoutMs } = file;
    const origin = file.origin === 'local' ? { origin: file.origin } : {};
    const heard = readHeard(file);
    return { n, heard, record: { kind: 'intent', runId, receipt, script, scriptSha, timeoutMs, ...origin, end } };
  }
  faults.push(`${runId}/intent cannot be read: the run counts as started and is never started again`);
  const record = {
    kind: 'intent',
    runId,
    receipt: '',
    script: '',
    scriptSha: '0'.repeat(64),
    timeoutMs: 0,
    end,
  } as const;
  return { n: 0, record };
}

function loadEnd(folder: string, runId: RunId, faults: string[]): EndRecord | null {
  const end = readJson(join(folder, 'end'));
  if (isEndRecord(end)) return end;
  faults.push(`${runId}/end cannot be read: set aside as end.broken, the run's fate is looked into`);
  renameSync(join(folder, 'end'), join(folder, 'end.broken'));
  return null;
}

function loadFence(folder: string, runId: RunId, names: ReadonlySet<string>, faults: string[]): Loaded {
  leaveOnly('fence', folder, names);
  const file = readJson(join(folder, 'fence'));
  if (isOfRun(file, runId) && isFence(file['fence'])) {
    return {
      n: file.n,
      heard: readHeard(file),
      record: { kind: 'fence', runId, receipt: file.receipt, fence: file['fence'] },
    };
  }
  faults.push(`${runId}/fence cannot be read: the fence stands all the same`);
  return { n: 0, record: { kind: 'fence', runId, receipt: '', fence: { by: 'cancel', belowFloor: false } } };
}

const brokenEnd = (name: string): EndRecord => ({
  kind: 'lost',
  started: true,
  cause: 'record-unreadable',
  why: `the record "${name}" of the agent's journal cannot be read any more`,
});

/** undefined: there is no such file. null: what stands there is no JSON. */
function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : null;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
