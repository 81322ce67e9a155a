/** Which faults happen when, to whom and for how long: all of it from the seed. */
import { KINDS } from './fault-kinds.mjs';
import { Random } from './random.mjs';

/** Milliseconds between two faults, and at both ends of the run without any. */
const GAP_MS = { low: 2_000, high: 6_000 };
const QUIET_MS = 3_000;
/** How long each lasts; for the kills, how long the program stays away. */
const LASTS_MS = {
  'kill-orchestrator': [0, 3_000],
  'kill-agent': [0, 3_000],
  'kill-supervisor': [0, 0],
  'stop-orchestrator': [2_000, 5_000],
  'stop-agent': [2_000, 5_000],
  'stop-supervisor': [2_000, 5_000],
  'cut-connections': [0, 2_000],
  'half-open': [3_000, 8_000],
  'disk-full': [4_000, 8_000],
  'clock-skew': [5_000, 10_000],
};
const SKEWS = ['+1d', '-1d'];

/**
 * @typedef {{ atMs: number, kind: string, agent: number, lastsMs: number, link: string, skew: string }} PlannedFault
 * @param {{ minutes: number, seed: number, without: string[], transports: string[] }} options
 * @returns {PlannedFault[]} in the order of time; every kind is there when the run has room for one round
 */
export function planFaults({ minutes, seed, without, transports }) {
  const random = new Random(seed);
  const endMs = minutes * 60_000 - QUIET_MS;
  const kinds = KINDS.filter((kind) => !without.includes(kind));
  // A short run is denser, so that one round of all kinds fits.
  const squeeze = Math.min(1, (endMs - QUIET_MS) / (kinds.length * GAP_MS.high));
  const plan = [];
  let round = [];
  for (let atMs = QUIET_MS; atMs < endMs; atMs += squeeze * random.between(GAP_MS.low, GAP_MS.high)) {
    if (round.length === 0) round = random.shuffled(kinds);
    const kind = round.pop();
    const [least, most] = LASTS_MS[kind];
    const agent = Math.floor(random.next() * transports.length);
    const links = transports[agent] === 'http' ? ['up', 'down', 'client'] : ['up', 'up', 'client'];
    plan.push({
      atMs,
      kind,
      agent,
      lastsMs: random.between(least, most),
      link: random.oneOf(links),
      skew: random.oneOf(SKEWS),
    });
  }
  return plan;
}
