/** Looks at what is not our child: supervisors, what is left of scripts, the folders of runs in a spool. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `T` while it is held, `Z` when it is dead but not waited for, undefined when it is gone. */
export function stateOf(/** @type {number} */ pid) {
  return fieldsOf(pid)?.[0];
}

/** The pid of the living supervisor of an agent's home. */
export function supervisorOf(/** @type {string} */ home) {
  try {
    const { pid, startTicks } = JSON.parse(readFileSync(join(home, 'spool/supervisor.json'), 'utf8'));
    const fields = fieldsOf(pid);
    return fields && fields[0] !== 'Z' && Number(fields[19]) === startTicks ? pid : undefined;
  } catch {
    return undefined;
  }
}

export function hasLoaded(/** @type {number} */ pid, /** @type {string} */ library) {
  return readFileSync(`/proc/${pid}/maps`, 'utf8').includes(library);
}

/** Processes that carry the tag of one of these runs. @param {Set<string>} runIds */
export function processesOf(runIds) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const tag = /(?:^|\0)SM_RUN_ID=([^\0]+)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'));
        return tag !== null && runIds.has(tag[1] ?? '');
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Folders of a spool that hold more than the one record of a run that is over. @returns {string[]} in words */
export function unsettledRuns(/** @type {string} */ spool) {
  return readdirSync(spool)
    .filter((name) => /^[0-9a-f]{8}-/.test(name))
    .map((name) => ({ name, files: readdirSync(join(spool, name)) }))
    .filter(({ files }) => files.length !== 1 || !['done', 'fence'].includes(files[0] ?? ''))
    .map(({ name, files }) => `${join(spool, name)} with ${files.join(', ') || 'nothing'}`);
}

function fieldsOf(/** @type {number} */ pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
