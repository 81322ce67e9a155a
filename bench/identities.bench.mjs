/**
 * One run on each of 100 real agents, asked for at once: how long until the last one has answered with its output.
 *
 *   npm run bench -- identities [--agents 100] [--rounds 7] [--transport http]
 *
 * Each agent is a process of its own as built, with its own home, key and manifest. Beside it, in turns, the same
 * number of bare starts of the same script by one small process.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Budgets, quantile, say, seconds, showTable } from './figures.mjs';
import { Mesh, SCRIPTS } from './programs/mesh.mjs';
import { endAll, Helper } from './programs/processes.mjs';
import { saveResult } from './results.mjs';

const MOST_MS = 1500;
/** Starting all at once would be a bench of starting. */
const STARTED_AT_ONCE = 4;

/** @param {readonly string[]} args @returns {Promise<{ ok: boolean }>} */
export async function run(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      agents: { type: 'string', default: '100' },
      rounds: { type: 'string', default: '7' },
      transport: { type: 'string', default: 'http' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'scriptmesh-identities-'));
  try {
    return { ok: report(await measure(folder, Number(values.agents), Number(values.rounds), values.transport)) };
  } finally {
    endAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder, count, rounds, transport) {
  const mesh = new Mesh(folder);
  await mesh.startOrchestrator();
  const names = Array.from({ length: count }, (_, n) => `agent-${n}`);
  const waiting = [...names];
  const begin = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) {
      await mesh.startAgent(name, { SCRIPT_MESH_TRANSPORT: transport });
      await mesh.waitForAgent(name);
    }
  };
  await Promise.all(Array.from({ length: STARTED_AT_ONCE }, begin));
  say(`${count} agents started`);
  const requests = new Helper('runs/requests.mjs');
  const bare = new Helper('runs/bare-starts.mjs');
  const script = 'hello_sh';
  const order = { kind: 'run', url: mesh.url, key: mesh.key, agents: names, script, expected: 'hello\n' };
  const argv = [...SCRIPTS[script].argv, mesh.scriptOf('agent-0', script)];
  const found = [];
  // The first round warms up: the first run of each agent costs more than the later ones.
  for (let round = 0; round <= rounds; round += 1) {
    const runs = await requests.ask({ ...order, count, atOnce: count }, 'done');
    const starts = await bare.ask({ argv, count, atOnce: count }, 'done');
    if (round === 0) say(`first round, not counted: ${seconds(runs.tookMs)}`);
    else found.push({ runsMs: runs.tookMs, bareMs: starts.tookMs });
  }
  await mesh.stop();
  return { count, transport, found };
}

function report({ count, transport, found }) {
  const rows = found.map(({ runsMs, bareMs }, n) => [n + 1, seconds(runsMs), seconds(bareMs)]);
  showTable(['round', `${count} agents over ${transport}`, 'bare starts'], rows);
  const budgets = new Budgets();
  const runsMs = found.map((round) => round.runsMs);
  budgets.atMost('one run on each, median', quantile(runsMs, 0.5), MOST_MS, seconds);
  budgets.show();
  saveResult('identities', { count, transport, found, budgets: budgets.rows });
  return budgets.ok;
}
