import { readdir, readFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import type { RunId } from '@scriptmesh/contracts';
import { isEndRecord, type EndRecord } from '../../journal/index.js';
import { identifyProcess, isAlive, type ProcessIdentity } from '../starter/process-identity.js';
import { ProcessTree } from '../starter/process-tree.js';
import { ProcessTable, type LeftProcess } from './process-table.js';

/** Linux counts 100 ticks a second towards programs, whatever the kernel's own rate is. */
const MS_PER_TICK = 10;

export class ProcProcessTable extends ProcessTable {
  override async find(runId: RunId, folder: string): Promise<LeftProcess | undefined> {
    const recorded = await readJson(join(folder, 'pid'));
    if (isIdentity(recorded)) return describe(recorded);
    const pid = await findTagged(runId);
    return pid === undefined ? undefined : describe(identifyProcess(pid));
  }

  override signal(runId: RunId, { pid }: LeftProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
    new ProcessTree(pid, `SM_RUN_ID=${runId}`).signal(signal);
  }

  override async findEnd(folder: string): Promise<EndRecord | undefined> {
    const end = await readJson(join(folder, 'end'));
    return isEndRecord(end) ? end : undefined;
  }
}

const describe = (identity: ProcessIdentity): LeftProcess => ({
  pid: identity.pid,
  isAlive: isAlive(identity),
  ageMs: identity.startTicks === null ? null : Math.max(0, uptime() * 1000 - identity.startTicks * MS_PER_TICK),
});

/** The agent may have died between the start and the record of it. */
async function findTagged(runId: RunId): Promise<number | undefined> {
  const names = await readdir('/proc').catch(() => []);
  for (const pid of names.filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (`\0${environment}`.includes(`\0SM_RUN_ID=${runId}\0`)) return Number(pid);
  }
  return undefined;
}

function isIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, startTicks, bootId } = value as Record<string, unknown>;
  const isKnown = startTicks === null || typeof startTicks === 'number';
  return Number.isInteger(pid) && (pid as number) > 1 && isKnown && (bootId === null || typeof bootId === 'string');
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}
