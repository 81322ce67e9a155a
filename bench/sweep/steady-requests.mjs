/**
 * A process that sends requests at a steady rate, whether or not earlier ones were answered (an open loop), and times
 * each from the moment at which it was due: a server that stands still is not asked less because of it.
 */
import { Pool } from 'undici';
import { nameOf } from '../simulated/agent-fleet.mjs';

const CONNECTIONS = 64;
/** @type {{ kind: string, at: number, ms: number, status: number }[]} */
let samples = [];

/** @param {{ url: string, bareUrl: string, key: string, perSecond: number, barePerSecond: number, runAgents: number[] }} order */
function begin({ url, bareUrl, key, perSecond, barePerSecond, runAgents }) {
  const api = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
  const bare = new Pool(bareUrl, { connections: 4, pipelining: 1 });
  const headers = { 'x-api-key': key };
  const makeRun = (/** @type {number} */ n) => ({
    method: 'POST',
    path: '/api/v1/runs',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ agent: nameOf(runAgents[n % runAgents.length] ?? 0), script: 'hello_world' }),
  });
  const turns = [
    { kind: 'GET /api/v1/agents?limit=50', make: () => ({ method: 'GET', path: '/api/v1/agents?limit=50', headers }) },
    { kind: 'GET /livez', make: () => ({ method: 'GET', path: '/livez', headers }) },
    { kind: 'POST /api/v1/runs', make: makeRun },
  ];
  steadily(perSecond, (n, dueMs) => {
    const { kind, make } = turns[n % turns.length];
    void timed(api, kind, make(Math.floor(n / turns.length)), dueMs);
  });
  steadily(barePerSecond, (_, dueMs) => void timed(bare, 'bare node:http', { method: 'GET', path: '/' }, dueMs));
}

/** Calls `work` for each moment that is due; several in a row when this process itself came late. */
function steadily(/** @type {number} */ perSecond, /** @type {(n: number, dueMs: number) => void} */ work) {
  const beganMs = performance.now();
  let n = 0;
  const tick = () => {
    for (; beganMs + (n * 1000) / perSecond <= performance.now(); n += 1) work(n, beganMs + (n * 1000) / perSecond);
    setTimeout(tick, Math.max(0, beganMs + (n * 1000) / perSecond - performance.now()));
  };
  tick();
}

async function timed(pool, kind, request, dueMs) {
  const at = Date.now();
  let status = 0;
  try {
    const { statusCode, body } = await pool.request(request);
    await body.dump();
    status = statusCode;
  } catch {
    // Counted by its status 0.
  }
  samples.push({ kind, at, ms: performance.now() - dueMs, status });
}

process.on('message', (/** @type {any} */ message) => {
  if (message.kind === 'begin') begin(message);
  if (message.kind === 'collect') process.send?.({ kind: 'samples', samples });
  if (message.kind === 'collect') samples = [];
});
process.once('disconnect', () => process.exit());
