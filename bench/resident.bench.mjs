/**
 * Memory and idle processor time of each process, and what a start costs when the agent holds 150 MB more.
 *
 *   npm run bench -- resident [--seconds 60] [--settle 30] [--runs 200] [--transport http]
 *
 * Some seconds after the last run the engine collects garbage once, which is no idle time yet (`--settle`).
 * Memory is what is resident after the runs and the idle time; the agent beats and the orchestrator sweeps as always.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Budgets, mebibytes, ms, quantile, showTable } from './figures.mjs';
import { Mesh } from './programs/mesh.mjs';
import { childrenOf, cpuSeconds, endAll, Helper, residentMiB } from './programs/processes.mjs';
import { saveResult } from './results.mjs';

const MOST_MIB = { orchestrator: 160, agent: 110, supervisor: 50 };
const MOST_IDLE_SHARE = 0.005;
const MOST_START_RATIO = 1.5;
const BALLAST = join(import.meta.dirname, 'programs/ballast.mjs');
const EACH = 20;

/** @param {readonly string[]} args @returns {Promise<{ ok: boolean }>} */
export async function run(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '60' },
      settle: { type: 'string', default: '30' },
      runs: { type: 'string', default: '200' },
      transport: { type: 'string', default: 'http' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'scriptmesh-resident-'));
  try {
    return { ok: report(await measure(folder, values)) };
  } finally {
    endAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder, { seconds, settle, runs: runCount, transport }) {
  const idleSeconds = Number(seconds);
  const runs = Number(runCount);
  const mesh = new Mesh(folder);
  await mesh.startOrchestrator();
  const env = { SCRIPT_MESH_TRANSPORT: transport };
  const agent = await mesh.startAgent('plain', env);
  await mesh.waitForAgent('plain');
  const requests = new Helper('runs/requests.mjs');
  const askFor = (name, count) =>
    requests.ask(
      {
        kind: 'run',
        url: mesh.url,
        key: mesh.key,
        agents: [name],
        script: 'hello_sh',
        expected: 'hello\n',
        count,
        atOnce: 1,
      },
      'done',
    );
  await askFor('plain', runs);
  const [supervisor] = childrenOf(agent.pid);
  const pids = { orchestrator: mesh.orchestrator.pid, agent: agent.pid, ...(supervisor ? { supervisor } : {}) };
  await pause(Number(settle) * 1000);
  const before = Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuSeconds(pid)]));
  await pause(idleSeconds * 1000);
  const processes = Object.entries(pids).map(([name, pid]) => ({
    name,
    miB: residentMiB(pid),
    idleShare: (cpuSeconds(pid) - before[name]) / idleSeconds,
  }));
  await mesh.startAgent('heavy', env, ['--import', BALLAST]);
  await mesh.waitForAgent('heavy');
  const starts = { plain: [], heavy: [] };
  for (let round = 0; round <= runs / EACH; round += 1) {
    for (const name of ['plain', 'heavy']) {
      const { samples } = await askFor(name, EACH);
      if (round > 0) starts[name].push(...samples);
    }
  }
  await mesh.stop();
  return { processes, starts };
}

function report({ processes, starts }) {
  const percent = (/** @type {number} */ share) => `${(share * 100).toFixed(2)} %`;
  showTable(
    ['process', 'resident', 'idle processor'],
    processes.map(({ name, miB, idleShare }) => [name, mebibytes(miB), percent(idleShare)]),
  );
  const budgets = new Budgets();
  for (const { name, miB, idleShare } of processes) {
    budgets.atMost(`resident: ${name}`, miB, MOST_MIB[name], mebibytes);
    budgets.atMost(`idle processor: ${name}`, idleShare, MOST_IDLE_SHARE, percent);
  }
  const [plain, heavy] = [quantile(starts.plain, 0.5), quantile(starts.heavy, 0.5)];
  budgets.add('a run, p50, plain agent', ms(plain), 'shown only');
  budgets.add('a run, p50, agent with 150 MB more', ms(heavy), 'shown only');
  budgets.atMost(
    'start cost with 150 MB more in the agent',
    heavy / plain,
    MOST_START_RATIO,
    (ratio) => `${ratio.toFixed(2)}x`,
  );
  budgets.show();
  saveResult('resident', { processes, plain, heavy, budgets: budgets.rows });
  return budgets.ok;
}
