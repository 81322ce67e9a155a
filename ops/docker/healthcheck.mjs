/**
 * HEALTHCHECK of the images: ends with 0 when the program named as the first word is well, else says why and ends with 1.
 * An agent that opens no port is well when the process that holds its scripts lives. That the orchestrator can be reached is
 * no part of it: whoever restarts unhealthy containers would end scripts each time the orchestrator is away.
 */
import { readFileSync } from 'node:fs';

const WITHIN_MS = 4000;
const { env } = process;
const [, , program] = process.argv;

async function ask(port, path) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(WITHIN_MS) });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
}

/** A pid alone may be another process by now: the record outlives the container. */
function findSupervisor() {
  const { pid, startTicks } = JSON.parse(readFileSync(`${env.SCRIPT_MESH_HOME}/spool/supervisor.json`, 'utf8'));
  const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  // Field 22 of proc_pid_stat(5), of which the pid and the name are cut off.
  if (Number(fields[18]) !== Number(startTicks)) throw new Error('the supervisor is gone');
  if (state === 'Z' || state === 'T') throw new Error(`the supervisor stands still (${state})`);
}

try {
  if (program === 'orchestrator') await ask(env.SCRIPT_MESH_PORT ?? 8000, '/readyz');
  else if (env.SCRIPT_MESH_TRANSPORT === 'websocket') findSupervisor();
  else await ask(env.SCRIPT_MESH_AGENT_PORT ?? 5001, '/livez');
} catch (error) {
  process.stdout.write(`not well: ${error.message}${error.cause ? ` (${error.cause.message})` : ''}\n`);
  process.exitCode = 1;
}
