import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identifyProcess, isAlive, isLivingMember, type ProcessIdentity } from './process-identity.js';

interface FoundProcess {
  readonly identity: ProcessIdentity;
  readonly isAlive: boolean;
  /** False: it was found by its environment. */
  readonly isRecorded: boolean;
}

/** The process of a run, by the record `pid`, else by the run's id in its environment; undefined when no start is on record anywhere. */
export async function findProcess(runId: string, folder: string): Promise<FoundProcess | undefined> {
  const recorded = await readJson(join(folder, 'pid'));
  if (isIdentity(recorded)) return { identity: recorded, isAlive: isAlive(recorded), isRecorded: true };
  const pid = await findTagged(runId);
  if (pid === undefined) return undefined;
  const identity = identifyProcess(pid);
  return { identity, isAlive: isAlive(identity), isRecorded: false };
}

/** The supervisor may have died between a start and the record of it. The script itself leads its group; its children may not. */
async function findTagged(runId: string): Promise<number | undefined> {
  const names = await readdir('/proc').catch(() => []);
  const tagged: number[] = [];
  for (const pid of names.filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (`\0${environment}`.includes(`\0SM_RUN_ID=${runId}\0`)) tagged.push(Number(pid));
  }
  return tagged.find((pid) => isLivingMember(pid, pid)) ?? tagged[0];
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
