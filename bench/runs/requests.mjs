/** A process of its own that asks: for runs, until the answer with the output; or a bare server, for comparison. */
import { Pool } from 'undici';
import { inTurns } from './in-turns.mjs';

/** @type {Map<string, Pool>} */
const pools = new Map();

function poolOf(url) {
  const pool = pools.get(url) ?? new Pool(url, { connections: 128, pipelining: 1 });
  pools.set(url, pool);
  return pool;
}

async function askForRun({ url, key, agents, script, expected }, n) {
  const { statusCode, body } = await poolOf(url).request({
    method: 'POST',
    path: '/api/v1/runs',
    headers: { 'x-api-key': key, 'content-type': 'application/json', prefer: 'wait=60' },
    body: JSON.stringify({ agent: agents[n % agents.length], script }),
  });
  const run = /** @type {any} */ (await body.json());
  const good = statusCode === 200 && run.state === 'succeeded' && (expected === undefined || run.stdout === expected);
  if (!good) throw new Error(`run ${n} on ${agents[n % agents.length]}: ${statusCode} ${JSON.stringify(run)}`);
}

async function askServer({ url, path = '/' }) {
  const { body } = await poolOf(url).request({ method: 'GET', path });
  await body.dump();
}

process.on('message', async (/** @type {any} */ order) => {
  const work = order.kind === 'run' ? (n) => askForRun(order, n) : () => askServer(order);
  process.send?.({ kind: 'done', ...(await inTurns(order.count, order.atOnce, work)) });
});
process.once('disconnect', () => process.exit());
