/**
 * Durable runs per second of one orchestrator with 500 simulated agents that end every run at once.
 *
 *   npm run bench -- orchestrator [--agents 500] [--runs 6000] [--rounds 4] [--at-once 256] [--profile folder]
 *
 * A run counts when the answer says how it ended: accepted, offered, ended, each durably. In each round a bare
 * node:http server is asked by the same process over the same number of connections.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Budgets, mebibytes, ms, quantile, say, showTable } from './figures.mjs';
import { endAll, Helper, Orchestrator } from './programs/processes.mjs';
import { saveResult } from './results.mjs';
import { isSilent, nameOf } from './simulated/agent-fleet.mjs';
import { countByLiveness, registerAgents } from './simulated/registration.mjs';

const LEAST_PER_SECOND = 1000;
const AIM_PER_SECOND = 3000;
const LOOK_AGAIN_MS = 200;

/** @param {readonly string[]} args @returns {Promise<{ ok: boolean }>} */
export async function run(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      agents: { type: 'string', default: '500' },
      runs: { type: 'string', default: '6000' },
      rounds: { type: 'string', default: '4' },
      'at-once': { type: 'string', default: '256' },
      profile: { type: 'string' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'scriptmesh-orchestrator-'));
  try {
    return { ok: report(await measure(values, folder)) };
  } finally {
    endAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure({ agents, runs, rounds, 'at-once': atOnce, profile }, folder) {
  const seed = randomBytes(16).toString('hex');
  const fleet = new Helper('simulated/simulated-agents.mjs');
  // Every fifth of the fleet is silent; it is given no runs.
  const count = Math.ceil(Number(agents) * 1.25);
  const ports = await fleet.ask({ count, seed }, 'ready');
  const echo = new Helper('sweep/bare-server.mjs');
  const [{ port }] = await echo.next('ready');
  const flags = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
  const orchestrator = await Orchestrator.start(folder, { SCRIPT_MESH_HEARTBEAT_INTERVAL_SECONDS: '10' }, flags);
  const { url, key } = orchestrator;
  await registerAgents({ url, key, seed, count, ports });
  const names = Array.from({ length: count }, (_, index) => index)
    .filter((index) => !isSilent(index))
    .map(nameOf);
  while ((await countByLiveness(url, key)).online < names.length) await pause(LOOK_AGAIN_MS);
  const requests = new Helper('runs/requests.mjs');
  const order = {
    kind: 'run',
    url,
    key,
    agents: names,
    script: 'hello_world',
    count: Number(runs),
    atOnce: Number(atOnce),
  };
  const found = [];
  // The first round warms up.
  for (let round = 0; round <= Number(rounds); round += 1) {
    const cpu = orchestrator.cpuSeconds();
    const { samples, tookMs } = await requests.ask(order, 'done');
    const usedMs = (orchestrator.cpuSeconds() - cpu) * 1000;
    const bare = await requests.ask({ ...order, kind: 'get', url: `http://127.0.0.1:${port}` }, 'done');
    if (round > 0) found.push({ samples, tookMs, usedMs, bareMs: bare.tookMs });
  }
  const residentMiB = orchestrator.residentMiB();
  await orchestrator.stop();
  return { found, residentMiB, runs: Number(runs), agents: names.length, atOnce: Number(atOnce) };
}

function report({ found, residentMiB, runs, agents, atOnce }) {
  const perSecond = found.map(({ tookMs }) => (runs / tookMs) * 1000);
  const barePerSecond = found.map(({ bareMs }) => (runs / bareMs) * 1000);
  const rows = found.map(({ samples, usedMs }, n) => [
    n + 1,
    perSecond[n].toFixed(0),
    barePerSecond[n].toFixed(0),
    ms(quantile(samples, 0.5)),
    ms(quantile(samples, 0.99)),
    `${(usedMs / runs).toFixed(2)} ms`,
  ]);
  say(`\n${agents} agents, ${runs} runs in each round, ${atOnce} at once`);
  showTable(['round', 'runs/s', 'bare requests/s', 'p50', 'p99', 'processor per run'], rows);
  const budgets = new Budgets();
  const median = quantile(perSecond, 0.5);
  budgets.atLeast('durable runs per second', median, LEAST_PER_SECOND, (value) => value.toFixed(0));
  budgets.add('aim: durable runs per second', median.toFixed(0), `${AIM_PER_SECOND}, shown only`);
  budgets.add('resident after it', mebibytes(residentMiB), 'shown only');
  budgets.show();
  saveResult('orchestrator', { perSecond, barePerSecond, residentMiB, budgets: budgets.rows });
  return budgets.ok;
}
