import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identifyProcess, isAlive, type ProcessIdentity } from './process-identity.js';

/**
 * Sees to it that a spool has one supervisor. Each that starts puts down a claim of its own and then looks at all
 * claims: with a living one beside its own it gives up. Of two, the one that looked last has seen the other, so there
 * are never two; two that start at the same moment may both give up, and the agent starts another. A claim is taken
 * away only by its owner or when its owner, told by pid, start and boot, is dead, so no living claim is ever lost.
 */
export class SoleSupervisor {
  private constructor(private readonly claim: string) {}

  /** undefined when another supervisor is at work or just starting. */
  static claim(folder: string): SoleSupervisor | undefined {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const own = identifyProcess(process.pid);
    const sole = new SoleSupervisor(join(folder, `${own.pid}-${own.startTicks}`));
    writeWhole(sole.claim, `${JSON.stringify(own)}\n`);
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

/** The name appears with its content in one step: nobody reads half a claim. */
function writeWhole(path: string, text: string): void {
  const temporary = `${path}.new`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, path);
}

/** A dead one's claim, or half of one, is taken away. */
function isLiving(path: string): boolean {
  const owner = readIdentity(path);
  // Its owner may be alive and has not looked yet; it will see our claim.
  if (path.endsWith('.new')) {
    if (!owner || !isAlive(owner)) rmSync(path, { force: true });
    return false;
  }
  if (owner && isAlive(owner)) return true;
  rmSync(path, { force: true });
  return false;
}

function readIdentity(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
