import { readdirSync, readFileSync } from 'node:fs';
import { isLivingMember } from './process-identity.js';

/**
 * A script and all it has started: its process group, and what left the group but still carries the run's id in its
 * environment. Only looked for when a run is killed, since it reads all of /proc.
 */
export class ProcessTree {
  constructor(
    private readonly leaderPid: number,
    private readonly tag: string,
  ) {}

  signal(signal: NodeJS.Signals): void {
    sendSignal(process.platform === 'win32' ? this.leaderPid : -this.leaderPid, signal);
    for (const pid of this.#findStrays()) sendSignal(pid, signal);
  }

  isEmpty(): boolean {
    return !this.#hasGroup() && this.#findStrays().length === 0;
  }

  /** A signal of 0 finds the dead as well, when there is nobody to wait for them (a container without an init). */
  #hasGroup(): boolean {
    if (process.platform === 'win32' || !sendSignal(-this.leaderPid, 0)) return false;
    const pids = listPids();
    return pids.length === 0 || pids.some((pid) => isLivingMember(pid, this.leaderPid));
  }

  /** Not those of the group: a second TERM makes some programs give up tidying. */
  #findStrays(): readonly number[] {
    const isStray = (pid: number): boolean =>
      pid !== process.pid && this.#carriesTag(pid) && !isLivingMember(pid, this.leaderPid);
    return listPids().filter(isStray);
  }

  #carriesTag(pid: number): boolean {
    try {
      return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${this.tag}\0`);
    } catch {
      return false;
    }
  }
}

function listPids(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** false when nobody is there any more. */
function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
