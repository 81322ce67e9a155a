/** Reads through the API what became of the runs, without the faulty proxy. */
import { setTimeout as pause } from 'node:timers/promises';
import { SCRIPTS } from './scripts.mjs';

const LIVE = new Set(['queued', 'dispatched', 'running']);

export class Reader {
  /** @param {string} url @param {string} mainKey */
  constructor(url, mainKey) {
    this.url = url;
    this.headers = { 'x-api-key': mainKey };
  }

  /** Waits until every run is final, `withinMs` at most. @param {string[]} ids @returns {Promise<string[]>} those that are not */
  async waitUntilFinal(ids, withinMs) {
    const deadline = performance.now() + withinMs;
    let live = ids;
    while (live.length > 0 && performance.now() < deadline) {
      const left = [];
      for (const id of live) {
        const answer = await this.#get(`/api/v1/runs/${id}`);
        if (answer.status === 200 && LIVE.has((await answer.json()).state)) left.push(id);
      }
      live = left;
      if (live.length > 0) await pause(500);
    }
    return live;
  }

  /** The ids of all runs that the store has. @returns {Promise<string[]>} */
  async allIds() {
    return (await this.#items('/api/v1/runs?limit=500')).map(({ id }) => id);
  }

  /** Everything that the checker asks of one run; null when it cannot be read. */
  async history(/** @type {{ id: string, script: string }} */ { id, script }) {
    const answer = await this.#get(`/api/v1/runs/${id}`);
    if (answer.status !== 200) return null;
    const run = await answer.json();
    const events = await this.#items(`/api/v1/runs/${id}/events?limit=500`);
    const { stdout, stderr } = /** @type {any} */ (SCRIPTS[script]);
    return {
      run,
      transitions: events.filter(({ to }) => to !== null).map(({ from, to, cause }) => ({ from, to, cause })),
      stdout: await this.#compare(id, 'stdout', stdout(id)),
      stderr: await this.#compare(id, 'stderr', stderr(id)),
    };
  }

  /** @returns {Promise<'whole' | 'beginning' | 'wrong'>} */
  async #compare(id, stream, expected) {
    const answer = await this.#get(`/api/v1/runs/${id}/output?stream=${stream}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (answer.status !== 200) return 'wrong';
    const wanted = Buffer.from(expected);
    if (bytes.equals(wanted)) return 'whole';
    return bytes.equals(wanted.subarray(0, bytes.length)) ? 'beginning' : 'wrong';
  }

  async #items(path) {
    const items = [];
    for (let cursor = ''; ;) {
      const answer = await this.#get(path + (cursor && `&cursor=${encodeURIComponent(cursor)}`));
      const page = await answer.json();
      items.push(...page.items);
      if (!page.next) return items;
      cursor = page.next;
    }
  }

  #get(path) {
    return fetch(`${this.url}${path}`, { headers: this.headers });
  }
}
