/** Asks for runs through the API, each request again with its key until there is an answer. */
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from './random.mjs';
import { SCRIPTS } from './scripts.mjs';

const ANSWER_WITHIN_MS = 5_000;
const AGAIN_AFTER_MS = 250;
/** Of the slow runs. */
const CANCELLED_SHARE = 0.3;

/** The names of the scripts, each as often as its share of the load. */
const URN = Object.entries(SCRIPTS).flatMap(([name, { share }]) => Array.from({ length: share }, () => name));

/**
 * @typedef {{ key: string, id: string, agent: string, script: string, cancelled: boolean, attempts: number }} AcceptedRun
 */
export class Load {
  /** @type {AcceptedRun[]} */
  accepted = [];
  /** @type {string[]} answers that no request of ours may get */
  refused = [];
  /** @type {Set<Promise<void>>} */
  #open = new Set();
  #isOver = false;

  /** @param {{ url: string, mainKey: string, agents: string[], seed: number, rate: number }} options */
  constructor({ url, mainKey, agents, seed, rate }) {
    this.url = url;
    this.mainKey = mainKey;
    this.agents = agents;
    this.rate = rate;
    this.seed = seed;
    this.random = new Random(seed + 1);
  }

  /** Runs until `stop`. */
  async run() {
    for (let count = 0; !this.#isOver; count++) {
      const one = this.#askForOne(`chaos-${this.seed}-${count}`);
      this.#open.add(one);
      void one.finally(() => this.#open.delete(one));
      await pause(this.random.between(0, 2_000 / this.rate));
    }
  }

  /** No new requests; resolves when every one that left has its answer. */
  async stop() {
    this.#isOver = true;
    await Promise.all(this.#open);
  }

  async #askForOne(/** @type {string} */ key) {
    const agent = this.random.oneOf(this.agents);
    const script = this.random.oneOf(URN);
    const cancelled = this.random.next() < CANCELLED_SHARE && script === 'slow';
    const cancelAfterMs = this.random.between(0, 2_500);
    const body = JSON.stringify({ agent, script });
    const { status, text, attempts } = await this.#askUntilAnswered('/api/v1/runs', { 'idempotency-key': key }, body);
    if (status !== 202 && status !== 200) {
      this.refused.push(`${key}: ${status} ${text}`);
      return;
    }
    const { id } = JSON.parse(text);
    this.accepted.push({ key, id, agent, script, cancelled, attempts });
    if (!cancelled) return;
    await pause(cancelAfterMs);
    const answer = await this.#askUntilAnswered(`/api/v1/runs/${id}/cancel`, {});
    // 409: it had ended before.
    if (answer.status > 299 && answer.status !== 409)
      this.refused.push(`cancel of ${id}: ${answer.status} ${answer.text}`);
  }

  /** A broken connection, a time-out, 429 and 5xx are no answers, nor is 408: the server gave up before it had read the request. */
  async #askUntilAnswered(path, headers, body) {
    for (let attempts = 1; ; attempts++) {
      try {
        const answer = await fetch(`${this.url}${path}`, {
          method: 'POST',
          headers: { 'x-api-key': this.mainKey, 'content-type': 'application/json', ...headers },
          ...(body ? { body } : {}),
          signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        });
        const text = await answer.text();
        if (answer.status !== 408 && answer.status !== 429 && answer.status < 500)
          return { status: answer.status, text, attempts };
      } catch {
        // Asked again below.
      }
      await pause(AGAIN_AFTER_MS);
    }
  }
}
