import { LRUCache } from 'lru-cache';
import type { Clock } from '@scriptmesh/runtime';
import { addressGroup } from './address-group.js';

const WINDOW_MS = 60_000;
const MOST_ADDRESSES = 10_000;

/** Counts bad keys of each address over a minute. Good keys are never counted and never refused. */
export class BadKeyLimiter {
  readonly #times = new LRUCache<string, number[]>({ max: MOST_ADDRESSES });

  /** @param perMinute bad keys of one address that are answered with 401; further ones get 429 */
  constructor(
    private readonly perMinute: number,
    private readonly clock: Clock,
  ) {}

  /**
   * Counts one bad key.
   * @returns seconds until the next bad key is answered with 401 again, or undefined when this one still is
   */
  countBadKey(address: string): number | undefined {
    const group = addressGroup(address);
    const now = this.clock.monotonicMs();
    const recent = (this.#times.get(group) ?? []).filter((time) => now - time < WINDOW_MS);
    const [oldest] = recent;
    if (recent.length >= this.perMinute && oldest !== undefined) {
      this.#times.set(group, recent);
      return Math.ceil((oldest + WINDOW_MS - now) / 1000);
    }
    this.#times.set(group, [...recent, now]);
    return undefined;
  }

  /** How many addresses are remembered; bounded. */
  get addresses(): number {
    return this.#times.size;
  }
}
