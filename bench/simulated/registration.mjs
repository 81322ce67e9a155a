/** Registers the fleet through the API as its operators would, and reads back what the API says of it. */
import { Pool } from 'undici';
import { addressOf, isSilent, keyOf, nameOf } from './agent-fleet.mjs';

const AT_ONCE = 32;

/** @returns {Promise<number>} milliseconds it took */
export async function registerAgents({ url, key, seed, count, ports }) {
  const pool = new Pool(url, { connections: AT_ONCE });
  const began = performance.now();
  let next = 0;
  const work = async () => {
    for (let index = next++; index < count; index = next++) await registerOne(pool, key, bodyOf(index, seed, ports));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await pool.close();
  return performance.now() - began;
}

const bodyOf = (index, seed, { port, silentPort }) => ({
  name: nameOf(index),
  url: `http://${addressOf(index)}:${isSilent(index) ? silentPort : port}`,
  key: keyOf(seed, index),
  transport: 'http',
  labels: { rack: `r${index % 40}` },
});

async function registerOne(pool, key, body) {
  const { statusCode, body: answer } = await pool.request({
    method: 'POST',
    path: '/api/v1/agents',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (statusCode < 200 || statusCode > 299) throw new Error(`${body.name} was not registered: ${statusCode} ${text}`);
}

/** Reads all pages: how many agents that answer are online, and how many silent ones are anything else. */
export async function countByLiveness(url, key) {
  const pool = new Pool(url);
  const silentNames = (/** @type {string} */ name) => isSilent(Number(name.slice('node-'.length)));
  let online = 0;
  let silentElsewhere = 0;
  for (let cursor = ''; cursor !== null;) {
    const path = `/api/v1/agents?limit=500${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
    const { body } = await pool.request({ method: 'GET', path, headers: { 'x-api-key': key } });
    const page = /** @type {any} */ (await body.json());
    for (const { name, liveness } of page.items) {
      if (liveness === 'online' && !silentNames(name)) online += 1;
      if (liveness !== 'online' && silentNames(name)) silentElsewhere += 1;
    }
    cursor = page.next ?? null;
  }
  await pool.close();
  return { online, silentElsewhere };
}
