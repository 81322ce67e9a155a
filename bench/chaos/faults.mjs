/**
 * Does the faults. Each answers whether it really happened, as the system tells: a process that died of the signal, one
 * that was seen held, connections that were reset, bytes that were swallowed, a disk that refused, a library in force.
 */
import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { hasLoaded, stateOf } from './processes.mjs';
import { until } from './until.mjs';

const DIES_WITHIN_MS = 10_000;
const BLOCK = Buffer.alloc(65_536);
const LIBRARY = 'libfaketime';

/**
 * @typedef {import('./plan.mjs').PlannedFault} PlannedFault
 * @typedef {import('./mesh.mjs').Mesh} Mesh
 * @typedef {import('./agent.mjs').Agent} Agent
 * @type {Record<string, (mesh: Mesh, agent: Agent, fault: PlannedFault) => Promise<boolean>>}
 */
const DO = {
  'kill-orchestrator': (mesh, _agent, { lastsMs }) =>
    killAndStart(mesh.orchestrator, () => mesh.orchestrator.start(), lastsMs),
  'kill-agent': (_mesh, agent, { lastsMs }) => killAndStart(agent.program, () => agent.start(), lastsMs),
  'kill-supervisor': async (_mesh, agent) => {
    const pid = await agent.supervisor();
    process.kill(pid, 'SIGKILL');
    return until(() => [undefined, 'Z'].includes(stateOf(pid)), DIES_WITHIN_MS);
  },
  'stop-orchestrator': (mesh, _agent, { lastsMs }) => hold(mesh.orchestrator.pid, lastsMs),
  'stop-agent': (_mesh, agent, { lastsMs }) => hold(agent.program.pid, lastsMs),
  'stop-supervisor': async (_mesh, agent, { lastsMs }) => hold(await agent.supervisor(), lastsMs),
  'cut-connections': async (mesh, agent, fault) => {
    const proxy = proxyOf(mesh, agent, fault);
    const before = proxy.reset;
    proxy.cut();
    await pause(fault.lastsMs);
    proxy.loseAnswers();
    await pause(fault.lastsMs);
    proxy.heal();
    return proxy.reset > before;
  },
  'half-open': async (mesh, agent, fault) => {
    const proxy = proxyOf(mesh, agent, fault);
    const before = proxy.swallowed;
    proxy.swallow();
    await pause(fault.lastsMs);
    proxy.heal();
    return proxy.swallowed > before;
  },
  'disk-full': async (mesh, _agent, { lastsMs }) => fillDisk(mesh.smallDisk.spool, lastsMs),
  'clock-skew': async (_mesh, agent, { lastsMs, skew }) => {
    await agent.program.end('SIGTERM');
    await agent.start({
      LD_PRELOAD: findLibfaketime() ?? '',
      FAKETIME: skew,
      DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    });
    const isSkewed = hasLoaded(agent.program.pid, LIBRARY);
    await pause(lastsMs);
    await agent.program.end('SIGTERM');
    await agent.start();
    return isSkewed;
  },
};

/** Whose turn it takes: faults of one program do not overlap, others may. */
const OF_ORCHESTRATOR = new Set(['kill-orchestrator', 'stop-orchestrator']);

/** @returns {Promise<boolean>} whether it happened */
export function doFault(/** @type {Mesh} */ mesh, /** @type {PlannedFault} */ fault) {
  const agent = /** @type {Agent} */ (mesh.agents[fault.agent]);
  const holder = OF_ORCHESTRATOR.has(fault.kind) ? mesh : agent;
  const done = holder.turn.then(() => DO[fault.kind]?.(mesh, agent, fault) ?? false);
  holder.turn = done.then(
    () => {},
    () => {},
  );
  return done;
}

/** The agent that a fault hits; null when it hits the orchestrator, or only the client's connection. */
export function hitAgent(/** @type {Mesh} */ mesh, /** @type {PlannedFault} */ fault) {
  if (OF_ORCHESTRATOR.has(fault.kind)) return null;
  if (fault.kind === 'disk-full') return mesh.smallDisk.name;
  if (['cut-connections', 'half-open'].includes(fault.kind) && fault.link === 'client') return null;
  return mesh.agents[fault.agent]?.name ?? null;
}

/** LIBFAKETIME names it, or it is where Debian puts it. */
export function findLibfaketime() {
  const named = process.env['LIBFAKETIME'];
  return [named, ...places()].find((path) => path && existsSync(path));
}

const places = () => ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/${LIBRARY}.so.1`);

function proxyOf(mesh, agent, { link }) {
  if (link === 'client') return mesh.client;
  return link === 'down' ? agent.down : agent.up;
}

async function killAndStart(program, start, awayMs) {
  const signal = await program.end('SIGKILL');
  await pause(awayMs);
  await start();
  return signal === 'SIGKILL';
}

async function hold(pid, forMs) {
  process.kill(pid, 'SIGSTOP');
  const isHeld = await until(() => stateOf(pid) === 'T', DIES_WITHIN_MS, 5);
  await pause(forMs);
  process.kill(pid, 'SIGCONT');
  return isHeld;
}

/** To the last byte, and again while something else frees a little. */
async function fillDisk(folder, forMs) {
  const ballast = join(folder, 'ballast');
  const file = openSync(ballast, 'w');
  const until = performance.now() + forMs;
  let refused = false;
  try {
    while (performance.now() < until) {
      refused = fill(file) || refused;
      await pause(100);
    }
  } finally {
    closeSync(file);
    rmSync(ballast);
  }
  return refused;
}

function fill(file) {
  try {
    while (writeSync(file, BLOCK) > 0);
    return false;
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error;
    return true;
  }
}
