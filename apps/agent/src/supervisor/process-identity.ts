import { readFileSync, writeFileSync } from 'node:fs';

/** Says which process it is: a pid alone is used again, after a reboot at the latest. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between boot and the start of the process; null where /proc is missing. */
  readonly startTicks: number | null;
  /** null where /proc is missing. */
  readonly bootId: string | null;
}

interface ProcStat {
  /** Ended and not waited for. While other threads live, a process whose first one has ended is as alive as any. */
  readonly hasEnded: boolean;
  readonly group: number;
  readonly startTicks: number;
  /** How it ended, as `wait` tells it; only of one that has ended. */
  readonly waitStatus: number;
}

/** Synchronous, so that it is taken before the event loop can reap the process. */
export function identifyProcess(pid: number): ProcessIdentity {
  return { pid, startTicks: readProcStat(pid)?.startTicks ?? null, bootId: readBootId() };
}

/** The record `pid` of a run's folder, there before anything else happens to the run. It need not outlive a power cut: after one the process is gone, too. */
export function writePidRecord(folder: string, identity: ProcessIdentity): void {
  writeFileSync(`${folder}/pid`, `${JSON.stringify(identity)}\n`, { mode: 0o600 });
}

/** Whether this very process is there and has not ended; without /proc, whether any process has its pid. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.startTicks === null) return hasProcess(identity.pid);
  const stat = readProcStat(identity.pid);
  return readBootId() === identity.bootId && stat?.startTicks === identity.startTicks && !stat.hasEnded;
}

/** Whether the node has not been restarted since the process began; true where /proc is missing. */
export const isOfThisBoot = ({ bootId }: ProcessIdentity): boolean => bootId === null || readBootId() === bootId;

/** Whether the process has ended though its parent does not know yet; false where /proc is missing. */
export const hasEndedUnseen = (pid: number): boolean => readProcStat(pid)?.hasEnded === true;

/**
 * The signal that has ended a process which its parent does not know of yet, by number; 0 when none did, undefined when
 * it has not ended or is gone.
 */
export function readEndSignal(pid: number): number | undefined {
  const stat = readProcStat(pid);
  return stat?.hasEnded === true ? stat.waitStatus & 0x7f : undefined;
}

/** Whether the process belongs to the group and is more than the remains that nobody has waited for. */
export function isLivingMember(pid: number, group: number): boolean {
  const stat = readProcStat(pid);
  return stat?.group === group && !stat.hasEnded;
}

function readProcStat(pid: number): ProcStat | undefined {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name in brackets may hold blanks and brackets itself; the fields after it may not.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    hasEnded: fields[0] === 'X' || (fields[0] === 'Z' && Number(fields[17]) <= 1),
    group: Number(fields[2]),
    startTicks: Number(fields[19]),
    waitStatus: Number(fields[49]),
  };
}

let bootId: string | null | undefined;
/** It does not change while we live. */
const readBootId = (): string | null => (bootId ??= readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? null);

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

function hasProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
