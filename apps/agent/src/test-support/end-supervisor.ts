import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, type ProcessIdentity } from '../supervisor/process-identity.js';

/** Which process looks after the scripts of a spool; undefined when there is none. */
export function findSupervisor(spool: string): ProcessIdentity | undefined {
  try {
    const identity = JSON.parse(readFileSync(join(spool, 'supervisor.json'), 'utf8')) as ProcessIdentity;
    return isAlive(identity) ? identity : undefined;
  } catch {
    return undefined;
  }
}

/** Ends the supervisor of a spool together with its scripts, and waits until it is gone. */
export async function endSupervisor(spool: string): Promise<void> {
  const supervisor = findSupervisor(spool);
  if (!supervisor) return;
  process.kill(supervisor.pid, 'SIGTERM');
  while (isAlive(supervisor)) await new Promise((resolve) => setTimeout(resolve, 5));
}
