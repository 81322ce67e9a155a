/**
 * Tells the orchestrator of an agent before it starts, so that the main key never comes near the agent and its scripts.
 * Waits for the orchestrator, makes the agent's own key at the first time, does nothing when the name is known; can be run again.
 * Usage: node enrol-agent.mjs <file of the main key>, with ORCHESTRATOR_URL, SCRIPT_MESH_AGENT_NAME and SCRIPT_MESH_HOME of the agent.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const { ORCHESTRATOR_URL: url, SCRIPT_MESH_AGENT_NAME: name, SCRIPT_MESH_HOME: home } = process.env;
const WAIT_MS = 60_000;
const keyFile = join(home, 'cfg/agent.key');

function takeKey() {
  mkdirSync(join(home, 'cfg'), { recursive: true, mode: 0o700 });
  if (!existsSync(keyFile)) writeFileSync(keyFile, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
  return readFileSync(keyFile, 'utf8').trim();
}

/** It makes its key at its first start, then listens. */
async function waitForOrchestrator() {
  const deadline = performance.now() + WAIT_MS;
  while (
    !(await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (performance.now() > deadline) throw new Error(`it was not ready within ${WAIT_MS / 1000} s; see its log`);
    await pause(100);
  }
  return readFileSync(process.argv[2], 'utf8').trim();
}

const call = (mainKey, method, path, body) =>
  fetch(`${url}/api/v1/agents${path}`, {
    method,
    headers: { 'x-api-key': mainKey, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });

async function enrol() {
  const mainKey = await waitForOrchestrator();
  const known = await call(mainKey, 'GET', `/${encodeURIComponent(name)}`);
  if (known.ok && existsSync(keyFile)) return `the agent "${name}" is known`;
  if (known.ok)
    throw new Error(
      `the agent is known, but its key is not in ${keyFile} (a new volume?). Remove the agent, then start again: docker compose run --rm controller agents remove ${name}`,
    );
  if (known.status !== 404) throw new Error(`${known.status} ${await known.text()}`);
  const answer = await call(mainKey, 'POST', '', { name, key: takeKey(), transport: 'websocket' });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return `the agent "${name}" may come`;
}

try {
  process.stdout.write(`${await enrol()}\n`);
} catch (error) {
  process.stderr.write(`could not enrol "${name}" at ${url}: ${error.message}\n`);
  process.exitCode = 1;
}
