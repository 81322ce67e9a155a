/** One fault run from the first process to the history that the checker reads. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { KINDS } from './fault-kinds.mjs';
import { doFault, hitAgent } from './faults.mjs';
import { Load } from './load.mjs';
import { DELIVER_WITHIN_SECONDS, GRACE_SECONDS, LOST_AFTER_SECONDS, TIMEOUT_SECONDS } from './mesh.mjs';
import { planFaults } from './plan.mjs';
import { processesOf, unsettledRuns } from './processes.mjs';
import { Reader } from './reader.mjs';
import { until } from './until.mjs';

/** I9: how long after the last fault every run is final. */
const FINAL_WITHIN_MS = (DELIVER_WITHIN_SECONDS + TIMEOUT_SECONDS + GRACE_SECONDS + LOST_AFTER_SECONDS + 60) * 1_000;
const ANSWERED_WITHIN_MS = 60_000;
const GONE_WITHIN_MS = 10_000;
/** An end whose acknowledgement was lost is told again after 30 s at most. */
const SETTLED_WITHIN_MS = 60_000;

/**
 * @param {import('./mesh.mjs').Mesh} mesh @param {ReturnType<import('./options.mjs').readOptions>} options
 * @param {(line: string) => void} say @returns {Promise<import('./check.mjs').History>}
 */
export async function runFaults(mesh, options, say) {
  await mesh.start(options.store);
  const agents = mesh.agents.map(({ name }) => name);
  const load = new Load({
    url: mesh.client.url,
    mainKey: mesh.mainKey,
    agents,
    seed: options.seed,
    rate: options.rate,
  });
  const asking = load.run();
  const faults = await doPlan(mesh, planFaults(options), say);
  await Promise.all([
    asking,
    withTimeout(load.stop(), ANSWERED_WITHIN_MS, 'requests without an answer after all faults were healed'),
  ]);
  say(`healed; ${load.accepted.length} runs accepted, waiting for their ends`);

  const reader = new Reader(mesh.orchestrator.url, mesh.mainKey);
  const healedAt = performance.now();
  const ids = load.accepted.map(({ id }) => id);
  const stillLive = await reader.waitUntilFinal(ids, FINAL_WITHIN_MS);
  say(
    `all final but ${stillLive.length}, ${Math.round((performance.now() - healedAt) / 1_000)} s after the last fault`,
  );
  const ended = /** @type {import('./check.mjs').History['ended']} */ ({});
  for (const asked of load.accepted) ended[asked.id] = await reader.history(asked);
  const idsInStore = await reader.allIds();
  const leftOver = await stopAndLook(mesh, ids);
  const ledger = readFileSync(mesh.ledger, 'utf8').split('\n').filter(Boolean);
  const kinds = KINDS.filter((kind) => !options.without.includes(kind));
  const history = {
    kinds,
    faults,
    accepted: load.accepted,
    refused: load.refused,
    ended,
    stillLive,
    ledger,
    idsInStore,
    leftOver,
    failedStarts: [mesh.orchestrator, ...mesh.agents.map(({ program }) => program)].reduce(
      (sum, it) => sum + it.failedStarts,
      0,
    ),
  };
  writeFileSync(join(mesh.folder, 'history.json'), JSON.stringify(history));
  return history;
}

/** Does each fault at its time and resolves when all are healed. */
async function doPlan(mesh, plan, say) {
  const began = performance.now();
  const doOne = async (fault) => {
    await pause(Math.max(0, began + fault.atMs - performance.now()));
    const beganAt = Date.now();
    const happened = await doFault(mesh, fault);
    const agent = hitAgent(mesh, fault);
    say(
      `${(fault.atMs / 1_000).toFixed(1).padStart(6)} s  ${fault.kind} ${agent ?? ''}${happened ? '' : ' (did not happen)'}`,
    );
    return { kind: fault.kind, agent, beganAt, endedAt: Date.now(), happened };
  };
  return Promise.all(plan.map(doOne));
}

/** Stops everything in order; what then still runs is left over. @returns {Promise<string[]>} */
async function stopAndLook(mesh, ids) {
  const tags = new Set(ids);
  await until(() => mesh.agents.every(({ spool }) => unsettledRuns(spool).length === 0), SETTLED_WITHIN_MS, 500);
  const unsettled = mesh.agents.flatMap(({ spool }) => unsettledRuns(spool));
  const stopped = await Promise.all(
    mesh.agents.map(async (agent) => ((await agent.stop()) ? [] : [`the supervisor of ${agent.name}`])),
  );
  await mesh.orchestrator.end('SIGTERM');
  await until(() => processesOf(tags).length === 0, GONE_WITHIN_MS);
  return [...unsettled, ...stopped.flat(), ...processesOf(tags).map((pid) => `process ${pid} of a run`)];
}

async function withTimeout(promise, withinMs, what) {
  const timer = new AbortController();
  const late = pause(withinMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${what}: waited ${withinMs} ms`);
  });
  await Promise.race([promise, late]).finally(() => timer.abort());
}
