/**
 * A TCP proxy that cuts connections and lets them go half-open. It differs from the BrokenProxy of libs/testing in one
 * thing: a connection that was half-open once stays so until its ends give up, as in a network that forgot it. Bytes
 * swallowed in the middle of a stream that later flows again would be damage that TCP rules out.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class Proxy {
  /** @type {'pass' | 'swallow' | 'lose-answers' | 'refuse'} */
  #mode = 'pass';
  /** @type {Set<{ near: import('node:net').Socket, far: import('node:net').Socket, dead: boolean }>} */
  #open = new Set();
  #server = createServer((near) => this.#take(near));
  #targetPort = 0;
  port = 0;
  /** Connections reset and bytes swallowed so far. */
  reset = 0;
  swallowed = 0;

  static async start() {
    const proxy = new Proxy();
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    proxy.port = /** @type {import('node:net').AddressInfo} */ (proxy.#server.address()).port;
    return proxy;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  aimAt(/** @type {number} */ port) {
    this.#targetPort = port;
  }

  /** Resets what is open, and from now on every connection. */
  cut() {
    this.#mode = 'refuse';
    for (const each of this.#open) this.#reset(each);
  }

  /** Requests arrive; whoever waits for the answer is reset. */
  loseAnswers() {
    this.#mode = 'lose-answers';
  }

  /** Connections stand, and nothing moves on them any more, ever. */
  swallow() {
    this.#mode = 'swallow';
    for (const each of this.#open) each.dead = true;
  }

  heal() {
    this.#mode = 'pass';
  }

  stop() {
    for (const each of this.#open) this.#reset(each);
    this.#server.close();
  }

  #take(/** @type {import('node:net').Socket} */ near) {
    if (this.#mode === 'refuse') {
      this.reset += 1;
      near.on('error', () => {});
      near.resetAndDestroy();
      return;
    }
    const far = connect(this.#targetPort, '127.0.0.1');
    const pair = { near, far, dead: this.#mode === 'swallow' };
    this.#open.add(pair);
    near.setNoDelay(true);
    far.setNoDelay(true);
    near.on('data', (bytes) => this.#pour(pair, bytes, near, far));
    far.on('data', (bytes) => (this.#mode === 'lose-answers' ? this.#reset(pair) : this.#pour(pair, bytes, far, near)));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      one.on('end', () => pair.dead || other.end());
      one.on('error', () => {});
      // The other end of a dead connection hears nothing, not even this.
      one.on('close', (hadError) => {
        if (hadError && !pair.dead) this.#reset(pair);
        else if (!pair.dead) other.end();
        if (near.destroyed && far.destroyed) this.#open.delete(pair);
      });
    }
  }

  #pour(pair, bytes, source, sink) {
    if (pair.dead) this.swallowed += bytes.length;
    else if (!sink.destroyed && !sink.write(bytes)) {
      source.pause();
      sink.once('drain', () => source.resume());
    }
  }

  #reset(pair) {
    this.#open.delete(pair);
    this.reset += 1;
    for (const socket of [pair.near, pair.far]) if (!socket.destroyed) socket.resetAndDestroy();
  }
}
