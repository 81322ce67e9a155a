/** What the bench and the process of simulated agents both know of the agents: names, keys, addresses, who is silent. */
import { createHmac } from 'node:crypto';

/** Every fifth agent takes connections and never answers. */
export const isSilent = (/** @type {number} */ index) => index % 5 === 4;

export const nameOf = (/** @type {number} */ index) => `node-${String(index).padStart(5, '0')}`;

/** Each agent has an address of its own, so that each is an origin of its own, as in a real mesh. */
export const addressOf = (/** @type {number} */ index) =>
  `127.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;

/** The reverse of `addressOf`. */
export function indexOf(/** @type {string | undefined} */ address) {
  const [, high = 0, middle = 0, low = 0] = (address ?? '').split('.').map(Number);
  return ((high - 1) << 16) | (middle << 8) | low;
}

/** @param {string} seed random for each run of the bench */
export const keyOf = (seed, /** @type {number} */ index) =>
  createHmac('sha256', seed).update(String(index)).digest('base64url');

export const journalOf = (/** @type {number} */ index) => index.toString(16).padStart(32, '0');
