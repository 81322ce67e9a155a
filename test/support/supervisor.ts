import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './program.js';

interface Identity {
  readonly pid: number;
  readonly startTicks: number;
}

/** The process that looks after the scripts of an agent's home; undefined when there is none. */
export function findSupervisor(agentHome: string): Identity | undefined {
  try {
    const identity = JSON.parse(readFileSync(join(agentHome, 'spool/supervisor.json'), 'utf8')) as Identity;
    return isAlive(identity) ? identity : undefined;
  } catch {
    return undefined;
  }
}

/** Kills it without a chance to say anything; its scripts go on. */
export async function killSupervisor(agentHome: string): Promise<void> {
  const supervisor = findSupervisor(agentHome);
  if (!supervisor) throw new Error('there is no supervisor');
  process.kill(supervisor.pid, 'SIGKILL');
  await until('the end of the supervisor', () => !isAlive(supervisor));
}

/** Ends it in order, and all its scripts with it. */
export async function endSupervisor(agentHome: string): Promise<void> {
  const supervisor = findSupervisor(agentHome);
  if (!supervisor) return;
  process.kill(supervisor.pid, 'SIGTERM');
  await until('the end of the supervisor', () => !isAlive(supervisor));
}

/** One that has ended and was not waited for yet is dead, too. */
function isAlive({ pid, startTicks }: Identity): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] !== 'Z' && Number(fields[19]) === startTicks;
  } catch {
    return false;
  }
}
