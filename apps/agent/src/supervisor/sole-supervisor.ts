import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { identifyProcess, isAlive, type ProcessIdentity } from './process-identity.js';

/**
 * Sees to it that a spool has one supervisor. Each that starts puts down a claim of its own and then looks at all
 * claims: with a living one beside its own it gives up. Of two, the one that looked last has seen the other, so there
 * are never two; two that start at the same moment may both give up, and the agent starts another. A claim is taken
 * away only by its owner or when its owner, told by pid, start and boot, is dead, so no living claim is ever lost.
 * A claim is a symbolic link: made whole in one step, with its text in the inode, so also on a disk that is full.
 */
export class SoleSupervisor {
  private constructor(private readonly claim: string) {}

  /** undefined when another supervisor is at work or just starting. */
  static claim(folder: string): SoleSupervisor | undefined {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const own = identifyProcess(process.pid);
    const sole = new SoleSupervisor(join(folder, `${own.pid}-${own.startTicks}`));
    symlinkSync(toText(own), sole.claim);
    const others = readdirSync(folder)
      .map((name) => join(folder, name))
      .filter((path) => path !== sole.claim);
    const hasLivingOther = others.some((path) => isLiving(path));
    if (!hasLivingOther) return sole;
    sole.release();
    return undefined;
  }

  release(): void {
    rmSync(this.claim, { force: true });
  }
}

/** A dead one's claim is taken away. */
function isLiving(path: string): boolean {
  const owner = readOwner(path);
  if (owner && isAlive(owner)) return true;
  rmSync(path, { force: true });
  return false;
}

const toText = ({ pid, startTicks, bootId }: ProcessIdentity): string =>
  [pid, startTicks ?? '-', bootId ?? '-'].join(' ');

/** Alpha versions wrote claims as files. */
function readOwner(path: string): ProcessIdentity | undefined {
  try {
    if (!lstatSync(path).isSymbolicLink()) return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
    const [pid, ticks, boot] = readlinkSync(path).split(' ');
    return {
      pid: Number(pid),
      startTicks: ticks === '-' ? null : Number(ticks),
      bootId: boot === '-' ? null : (boot ?? null),
    };
  } catch {
    return undefined;
  }
}
