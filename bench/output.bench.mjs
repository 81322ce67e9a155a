/**
 * Output: the delay from a printed line to the follower, and 100 MB through the whole path.
 *
 *   npm run bench -- output [--transport http] [--rounds 3]
 *
 * The script prints the time of the machine's clock, and the follower (SSE, in this process) takes the difference.
 * The 100 MB are counted from the request until the run has ended with all bytes stored; beside it `head` writes the
 * same bytes into a pipe of a small process. Both programs get an output limit that holds them.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createParser } from 'eventsource-parser';
import { Budgets, mebibytes, ms, quantile, showTable } from './figures.mjs';
import { Mesh } from './programs/mesh.mjs';
import { childrenOf, endAll, residentMiB } from './programs/processes.mjs';
import { saveResult } from './results.mjs';

const BYTES = 104_857_600;
const LEAST_MB_PER_SECOND = 40;
const MOST_GROWTH_MIB = 60;
const LINE_P50_MS = 10;
const LINE_P99_MS = 80;
const MEMORY_EVERY_MS = 50;

/** @param {readonly string[]} args @returns {Promise<{ ok: boolean }>} */
export async function run(args) {
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: { type: 'string', default: '3' }, transport: { type: 'string', default: 'http' } },
  });
  const folder = mkdtempSync(join(tmpdir(), 'scriptmesh-output-'));
  try {
    return { ok: report(await measure(folder, Number(values.rounds), values.transport)) };
  } finally {
    endAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder, rounds, transport) {
  const mesh = new Mesh(folder);
  const limit = { SCRIPT_MESH_OUTPUT_MAX_BYTES: `${BYTES * 2}` };
  await mesh.startOrchestrator(limit);
  const agent = await mesh.startAgent('agent', { SCRIPT_MESH_TRANSPORT: transport, ...limit });
  await mesh.waitForAgent('agent');
  await mesh.run('agent', 'hello_sh');
  const delays = [];
  const much = [];
  for (let round = 0; round < rounds; round += 1) {
    delays.push(...(await followLines(mesh)));
    const bareMs = await bareOutput();
    much.push({ bareMs, ...(await sendMuch(mesh, agent)) });
  }
  await mesh.stop();
  return { delays, much, transport };
}

/** Milliseconds from each print to its arrival here. */
async function followLines(mesh) {
  const accepted = await mesh.call('/api/v1/runs', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ agent: 'agent', script: 'lines' }),
  });
  const { id } = await accepted.json();
  const answer = await mesh.call(`/api/v1/runs/${id}/output`, { headers: { accept: 'text/event-stream' } });
  const delays = [];
  let rest = '';
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event !== 'output') return;
      const nowMs = performance.timeOrigin + performance.now();
      const lines = (rest + JSON.parse(data).text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) delays.push(nowMs - Number(line) / 1e6);
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of answer.body) parser.feed(decoder.decode(chunk, { stream: true }));
  // The first lines may wait for the follower's own connection.
  return delays.slice(10);
}

function bareOutput() {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    let length = 0;
    const child = spawn('head', ['-c', String(BYTES), '/dev/zero'], { stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.on('data', (chunk) => (length += chunk.length));
    child.once('close', () =>
      length === BYTES ? resolve(performance.now() - began) : reject(new Error(`head wrote ${length}`)),
    );
  });
}

async function sendMuch(mesh, agent) {
  const pids = { orchestrator: mesh.orchestrator.pid, agent: agent.pid };
  const [supervisor] = childrenOf(agent.pid);
  if (supervisor) pids.supervisor = supervisor;
  const before = mapOf(pids, residentMiB);
  const peak = { ...before };
  const sampling = setInterval(() => {
    for (const [name, pid] of Object.entries(pids)) peak[name] = Math.max(peak[name], residentMiB(pid));
  }, MEMORY_EVERY_MS);
  const began = performance.now();
  const run = await mesh.run('agent', 'much');
  const tookMs = performance.now() - began;
  clearInterval(sampling);
  if (run.state !== 'succeeded' || run.stdoutBytes !== BYTES)
    throw new Error(`the run ended ${JSON.stringify({ ...run, stdout: '' })}`);
  return { tookMs, growthMiB: Object.fromEntries(Object.keys(pids).map((name) => [name, peak[name] - before[name]])) };
}

const mapOf = (pids, read) => Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, read(pid)]));

function report({ delays, much, transport }) {
  const perSecond = (/** @type {number} */ tookMs) => BYTES / 1e6 / (tookMs / 1000);
  const rate = (/** @type {number} */ value) => `${value.toFixed(0)} MB/s`;
  const rows = much.map(({ bareMs, tookMs, growthMiB }, n) => [
    n + 1,
    rate(perSecond(tookMs)),
    rate(perSecond(bareMs)),
    Object.entries(growthMiB)
      .map(([name, growth]) => `${name} ${mebibytes(growth)}`)
      .join(', '),
  ]);
  showTable(['round', `100 MB over ${transport}`, 'bare pipe', 'resident, peak above before'], rows);
  const budgets = new Budgets();
  budgets.atMost('printed line to follower, p50', quantile(delays, 0.5), LINE_P50_MS, ms);
  budgets.atMost('printed line to follower, p99', quantile(delays, 0.99), LINE_P99_MS, ms);
  budgets.atLeast(
    '100 MB of output, median',
    quantile(
      much.map(({ tookMs }) => perSecond(tookMs)),
      0.5,
    ),
    LEAST_MB_PER_SECOND,
    rate,
  );
  const growth = Math.max(...much.flatMap(({ growthMiB }) => Object.values(growthMiB)));
  budgets.atMost('growth of any process', growth, MOST_GROWTH_MIB, mebibytes);
  budgets.show();
  saveResult('output', {
    transport,
    delays: { p50: quantile(delays, 0.5), p99: quantile(delays, 0.99) },
    much,
    budgets: budgets.rows,
  });
  return budgets.ok;
}
