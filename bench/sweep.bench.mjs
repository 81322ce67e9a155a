/**
 * One sweep over 10 000 agents, of which every fifth never answers, while the API is used.
 *
 *   npm run bench -- sweep [--agents 10000] [--sweeps 6] [--interval 25] [--rate 50] [--profile folder]
 *
 * The orchestrator runs as built, with its default settings but for the interval. Agents, requests and a bare server
 * that shows the machine's own noise live in processes of their own. The times between sweeps are the idle side of
 * the comparison, in the same process and the same minutes. The first sweep, in which all agents introduce
 * themselves and their journals are written, is shown by itself.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isSilent } from './simulated/agent-fleet.mjs';
import { Budgets, mebibytes, ms, quantile, say, seconds, showTable } from './figures.mjs';
import { endAll, Helper, Orchestrator } from './programs/processes.mjs';
import { saveResult } from './results.mjs';
import { countByLiveness, registerAgents } from './simulated/registration.mjs';

const SWEEP_WITHIN_MS = 15_000;
const API_P99_MS = 50;
const BARE_PER_SECOND = 20;
const RUN_AGENTS = 500;

/** @param {readonly string[]} args @returns {Promise<{ ok: boolean }>} */
export async function run(args) {
  const options = readOptions(args);
  const folder = mkdtempSync(join(tmpdir(), 'scriptmesh-sweep-'));
  const clearAway = () => {
    endAll();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (clearAway(), process.exit(1)));
  try {
    const measured = await measure(options, folder);
    return { ok: report(options, measured) };
  } finally {
    clearAway();
  }
}

function readOptions(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      agents: { type: 'string', default: '10000' },
      sweeps: { type: 'string', default: '6' },
      interval: { type: 'string', default: '25' },
      rate: { type: 'string', default: '50' },
      profile: { type: 'string' },
    },
  });
  const { agents, sweeps, interval, rate, profile } = values;
  return { agents: Number(agents), sweeps: Number(sweeps), interval: Number(interval), rate: Number(rate), profile };
}

async function measure({ agents, sweeps, interval, rate, profile }, folder) {
  const seed = randomBytes(16).toString('hex');
  const fleet = new Helper('simulated/simulated-agents.mjs');
  const ports = await fleet.ask({ count: agents, seed }, 'ready');
  const bare = new Helper('sweep/bare-server.mjs');
  const [{ port: barePort }] = await once(bare, 'ready');

  // Registered before the measured window, and by another process than the measured one.
  const registrar = await Orchestrator.start(folder, { SCRIPT_MESH_HEARTBEAT_INTERVAL_SECONDS: '86400' });
  const key = readFileSync(join(folder, 'cfg/main.key'), 'utf8').trim();
  const tookMs = await registerAgents({ url: registrar.url, key, seed, count: agents, ports });
  await registrar.stop();
  say(`${agents} agents registered in ${seconds(tookMs)}`);

  const flags = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
  const orchestrator = await Orchestrator.start(
    folder,
    { SCRIPT_MESH_HEARTBEAT_INTERVAL_SECONDS: `${interval}` },
    flags,
  );
  const requests = new Helper('sweep/steady-requests.mjs');
  const live = Array.from({ length: agents }, (_, index) => index).filter((index) => !isSilent(index));
  const watched = watchSweeps(fleet, orchestrator, sweeps);
  const order = { url: orchestrator.url, bareUrl: `http://127.0.0.1:${barePort}`, key, perSecond: rate };
  requests.send({ kind: 'begin', ...order, barePerSecond: BARE_PER_SECOND, runAgents: live.slice(0, RUN_AGENTS) });
  const seen = await watched;
  const { samples } = await requests.ask({ kind: 'collect' }, 'samples');
  const liveness = await countByLiveness(orchestrator.url, key);
  await orchestrator.stop();
  return { ...seen, samples, liveness, agents, liveCount: live.length };
}

/** Resolves shortly before the sweep after the last one would begin. */
async function watchSweeps(fleet, orchestrator, count) {
  const found = [];
  const twice = [];
  fleet.on('polled-twice', ({ index }) => twice.push(index));
  const memory = [{ at: Date.now(), miB: orchestrator.residentMiB() }];
  const sampling = setInterval(() => memory.push({ at: Date.now(), miB: orchestrator.residentMiB() }), 500);
  const startMiB = orchestrator.residentMiB();
  for (let n = 0; n <= count; n += 1) {
    await once(fleet, 'sweep-began');
    const cpu = orchestrator.cpuSeconds();
    // The memory after a sweep is that of the moment at which the next one begins.
    if (n > 0) found[n - 1].afterMiB = orchestrator.residentMiB();
    if (n === count) break;
    const [{ beganAt, lastAnswerAt, at }] = await once(fleet, 'sweep-ended');
    const peakMiB = Math.max(...memory.filter((sample) => sample.at >= beganAt).map(({ miB }) => miB));
    found.push({ beganAt, lastAnswerAt, endedAt: at, peakMiB, cpu: orchestrator.cpuSeconds() - cpu, afterMiB: 0 });
    say(`sweep ${n + 1} of ${count}: ${seconds(at - beganAt)}, answers until ${seconds(lastAnswerAt - beganAt)}`);
  }
  clearInterval(sampling);
  return { sweeps: found, polledTwice: twice.length, startMiB };
}

function report(options, { sweeps, samples, liveness, liveCount, agents, polledTwice, startMiB }) {
  const budgets = new Budgets();
  const [first, ...steady] = sweeps;
  showSweeps(sweeps, startMiB);
  const durations = steady.map(({ beganAt, endedAt }) => endedAt - beganAt);
  const within = (list) => samples.filter(({ at }) => list.some((s) => at >= s.beganAt && at <= s.endedAt));
  const sides = { first: within([first]), sweep: within(steady), idle: idleSamples(samples, sweeps) };
  showLatencies(sides);

  const slowest = Math.max(...durations);
  budgets.add('first sweep: all introduce themselves', seconds(first.endedAt - first.beganAt), 'shown only');
  budgets.add('slowest sweep', seconds(slowest), `within ${seconds(SWEEP_WITHIN_MS)}`, slowest <= SWEEP_WITHIN_MS);
  for (const [kind, values] of byKind(sides.sweep)) {
    const p99 = quantile(values, 0.99);
    const bare = kind.startsWith('bare');
    budgets.add(
      `p99 of ${kind} in a sweep`,
      ms(p99),
      bare ? 'noise' : `under ${API_P99_MS} ms`,
      bare || p99 < API_P99_MS,
    );
  }
  const failed = samples.filter(({ status }) => status < 200 || status > 299).length;
  budgets.add('failed requests', `${failed} of ${samples.length}`, 'none', failed === 0);
  const [second, last] = [sweeps[1]?.afterMiB ?? 0, sweeps.at(-1)?.afterMiB ?? 0];
  const bound = second * 1.1 + 20;
  budgets.add(`memory after sweep ${sweeps.length}`, mebibytes(last), `at most ${mebibytes(bound)}`, last <= bound);
  budgets.add('online after the last sweep', `${liveness.online}`, `${liveCount}`, liveness.online === liveCount);
  const silent = agents - liveCount;
  budgets.add(
    'not online: the silent ones',
    `${liveness.silentElsewhere}`,
    `${silent}`,
    liveness.silentElsewhere === silent,
  );
  budgets.add('agents polled twice in a sweep', `${polledTwice}`, '0', polledTwice === 0);
  const { rate, interval } = options;
  say(`\n${agents} agents, a fifth silent; ${rate} requests/s of three kinds in turn; a sweep every ${interval} s`);
  budgets.show();
  saveResult('sweep', { sweeps, budgets: budgets.rows });
  return budgets.ok;
}

/** Half a second around each sweep belongs to neither side. */
function idleSamples(samples, sweeps) {
  const [first] = sweeps;
  const last = sweeps.at(-1);
  return samples.filter(
    ({ at }) =>
      at > first.endedAt && at < last.endedAt && sweeps.every((s) => at < s.beganAt - 500 || at > s.endedAt + 500),
  );
}

function byKind(samples) {
  const kinds = new Map();
  for (const { kind, ms: took } of samples) kinds.set(kind, [...(kinds.get(kind) ?? []), took]);
  return [...kinds].sort(([a], [b]) => a.localeCompare(b));
}

function showSweeps(sweeps, startMiB) {
  const rows = sweeps.map(({ beganAt, endedAt, lastAnswerAt, cpu, peakMiB, afterMiB }, n) => [
    n + 1,
    seconds(endedAt - beganAt),
    seconds(lastAnswerAt - beganAt),
    `${cpu.toFixed(1)} s`,
    mebibytes(peakMiB),
    mebibytes(afterMiB),
  ]);
  const start = ['start', '', '', '', '', mebibytes(startMiB)];
  showTable(['sweep', 'took', 'last answer', 'processor', 'memory peak', 'memory after'], [start, ...rows]);
}

function showLatencies(sides) {
  const rows = Object.entries(sides)
    .flatMap(([when, samples]) => byKind(samples).map(([kind, values]) => ({ kind, when, values })))
    .sort((a, b) => a.kind.localeCompare(b.kind))
    .map(({ kind, when, values }) => {
      const shown = [quantile(values, 0.5), quantile(values, 0.99), Math.max(...values)].map(ms);
      return [kind, when, values.length, ...shown];
    });
  showTable(['', 'when', 'requests', 'p50', 'p99', 'worst'], rows);
}
