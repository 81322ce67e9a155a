/**
 * One run through the API until the answer with its output, beside a bare start of the same script.
 *
 *   npm run bench -- runs [--rounds 12] [--each 20] [--warm-up 3000]
 *
 * Programs that are meant to be up for weeks are measured warm: so many runs are made on each agent first, 32 at once.
 * How long the very first ones take is shown as well.
 * All cases take turns within one run of the bench, so that a busy moment of the machine falls on all of them alike.
 * The bare starts are made by a small process; the requests come from another one; both programs run as built, with
 * their default settings but for 64 slots. Where Debian's `webhook` is installed it is measured as well.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Budgets, ms, quantile, showTable } from './figures.mjs';
import { Mesh, SCRIPTS } from './programs/mesh.mjs';
import { endAll, freePort, Helper, keep } from './programs/processes.mjs';
import { saveResult } from './results.mjs';

const TRANSPORTS = ['http', 'websocket'];
const CONCURRENCY = [1, 8, 32];
const FIRST = 100;
const WEBHOOK = '/usr/bin/webhook';

/** @param {readonly string[]} args @returns {Promise<{ ok: boolean }>} */
export async function run(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '12' },
      each: { type: 'string', default: '20' },
      'warm-up': { type: 'string', default: '3000' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'scriptmesh-runs-'));
  try {
    const cases = await makeCases(folder);
    const first = await warmUp(cases, Number(values['warm-up']));
    const figures = await measure(cases, Number(values.rounds), Number(values.each));
    return { ok: report([...first, ...figures]) };
  } finally {
    endAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns {Promise<{ name: string, script: string, atOnce: number, work: (count: number) => Promise<any> }[]>} */
async function makeCases(folder) {
  const mesh = new Mesh(folder);
  await mesh.startOrchestrator();
  for (const transport of TRANSPORTS) {
    await mesh.startAgent(`agent-${transport}`, { SCRIPT_MESH_TRANSPORT: transport });
    await mesh.waitForAgent(`agent-${transport}`);
  }
  const bare = new Helper('runs/bare-starts.mjs');
  const requests = new Helper('runs/requests.mjs');
  const echo = new Helper('sweep/bare-server.mjs');
  const [{ port }] = await echo.next('ready');
  const hook = await startWebhook(folder, mesh.scriptOf('agent-http', 'hello_sh'));
  const cases = [];
  for (const atOnce of CONCURRENCY) {
    const add = (name, script, work) => cases.push({ name, script, atOnce, work });
    const runOn = (transport, script) => (count) => {
      const order = { url: mesh.url, key: mesh.key, agents: [`agent-${transport}`], script, expected: 'hello\n' };
      return requests.ask({ kind: 'run', ...order, count, atOnce }, 'done');
    };
    const bareStart = (script) => (count) => {
      const argv = [...SCRIPTS[script].argv, mesh.scriptOf('agent-http', script)];
      return bare.ask({ argv, count, atOnce }, 'done');
    };
    add('bare start', 'hello_sh', bareStart('hello_sh'));
    add('bare echo', '', (count) =>
      requests.ask({ kind: 'get', url: `http://127.0.0.1:${port}`, count, atOnce }, 'done'),
    );
    for (const transport of TRANSPORTS) add(transport, 'hello_sh', runOn(transport, 'hello_sh'));
    if (hook) add('webhook', 'hello_sh', (count) => requests.ask({ kind: 'get', ...hook, count, atOnce }, 'done'));
    if (atOnce > 1) continue;
    add('bare start', 'hello_py', bareStart('hello_py'));
    for (const transport of TRANSPORTS) add(transport, 'hello_py', runOn(transport, 'hello_py'));
  }
  return cases;
}

async function startWebhook(folder, script) {
  if (!existsSync(WEBHOOK)) return null;
  const port = await freePort();
  const hooks = join(folder, 'hooks.json');
  writeFileSync(
    hooks,
    JSON.stringify([{ id: 'hello', 'execute-command': script, 'include-command-output-in-response': true }]),
  );
  keep(spawn(WEBHOOK, ['-hooks', hooks, '-ip', '127.0.0.1', '-port', `${port}`], { stdio: 'ignore' }));
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await fetch(`${url}/hooks/hello`).catch(() => null))?.ok) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url, path: '/hooks/hello' };
}

/** @returns figures of the first runs of all, one at a time */
async function warmUp(cases, count) {
  const first = [];
  for (const { name, script, atOnce, work } of cases) {
    if (!TRANSPORTS.includes(name) || script !== 'hello_sh') continue;
    if (atOnce === 1) {
      const { samples, tookMs } = await work(FIRST);
      const rates = [(FIRST / tookMs) * 1000];
      first.push(toFigure({ name: `first ${FIRST} over ${name}`, script, atOnce, samples, rates }));
    }
    if (atOnce === Math.max(...CONCURRENCY)) await work(count);
  }
  return first;
}

async function measure(cases, rounds, each) {
  const figures = cases.map(({ name, script, atOnce }) => ({ name, script, atOnce, samples: [], rates: [] }));
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [n, { atOnce, work }] of cases.entries()) {
      const count = Math.max(each, atOnce * 3);
      const { samples, tookMs } = await work(count);
      if (round === 0) continue;
      figures[n].samples.push(...samples);
      figures[n].rates.push((count / tookMs) * 1000);
    }
  }
  return figures.map(toFigure);
}

const toFigure = ({ name, script, atOnce, samples, rates }) => ({
  name,
  script,
  atOnce,
  p50: quantile(samples, 0.5),
  p99: quantile(samples, 0.99),
  perSecond: quantile(rates, 0.5),
});

function report(figures) {
  const find = (name, atOnce, script = 'hello_sh') =>
    figures.find((f) => f.name === name && f.atOnce === atOnce && (f.script === script || f.script === ''));
  const rows = figures.map((figure) => {
    const bare = find('bare start', figure.atOnce, figure.script || 'hello_sh');
    const ratio = bare ? `${(figure.p50 / bare.p50).toFixed(2)}x` : '';
    const { name, script, atOnce, p50, p99, perSecond } = figure;
    return [name, script, atOnce, ms(p50), ms(p99), ratio, perSecond.toFixed(0)];
  });
  showTable(['', 'script', 'at once', 'p50', 'p99', 'p50 to bare', 'per second'], rows);
  const budgets = new Budgets();
  const bare = find('bare start', 1).p50;
  budgets.atMost('a run over websocket, one at a time, p50', find('websocket', 1).p50, bare + 6, ms);
  budgets.atMost('a run over http, one at a time, p50', find('http', 1).p50, bare + 9, ms);
  const python = find('bare start', 1, 'hello_py').p50;
  const times = (/** @type {number} */ ratio) => `${ratio.toFixed(2)}x`;
  budgets.atMost(
    'Python hello over websocket to bare Python',
    find('websocket', 1, 'hello_py').p50 / python,
    1.35,
    times,
  );
  const rate = find('websocket', 32).perSecond / find('bare start', 32).perSecond;
  budgets.atLeast('runs/s at 32 at once over websocket to bare starts/s', rate, 0.85, times);
  budgets.show();
  saveResult('runs', { figures, budgets: budgets.rows });
  return budgets.ok;
}
