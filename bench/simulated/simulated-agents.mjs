/**
 * A process of many simulated agents for the bench: real sockets, frames and MACs. Those that are silent take a
 * connection and never say a word. It watches sweeps from the outside: one begins with a poll when none is under way,
 * and is over when every agent was polled and nobody waits for a silent one any more.
 */
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { decodeFrames, encodeFrames, FRAMES_CONTENT_TYPE } from '../../dist/orchestrator/libs/transport/src/index.js';
import { indexOf, isSilent, journalOf, keyOf } from './agent-fleet.mjs';
import { SimulatedAgent } from './simulated-agent.mjs';

/** As the agent's own door keeps connections. */
const KEEP_ALIVE_MS = 75_000;
const ANY_LOOPBACK_ADDRESS = '0.0.0.0';

class SweepWatch {
  #polled = new Set();
  #silentOpen = 0;
  #beganAt = 0;
  #answeredAt = 0;

  constructor(/** @type {number} */ count) {
    this.count = count;
  }

  polled(/** @type {number} */ index) {
    if (this.#polled.size === 0) {
      this.#beganAt = Date.now();
      process.send?.({ kind: 'sweep-began', at: this.#beganAt });
    }
    if (this.#polled.has(index)) process.send?.({ kind: 'polled-twice', index });
    this.#polled.add(index);
    if (!isSilent(index)) this.#answeredAt = Date.now();
    this.#endWhenOver();
  }

  silentOpened(/** @type {number} */ index) {
    this.#silentOpen += 1;
    this.polled(index);
  }

  silentClosed() {
    this.#silentOpen -= 1;
    this.#endWhenOver();
  }

  #endWhenOver() {
    if (this.#polled.size < this.count || this.#silentOpen > 0) return;
    process.send?.({ kind: 'sweep-ended', beganAt: this.#beganAt, lastAnswerAt: this.#answeredAt, at: Date.now() });
    this.#polled = new Set();
  }
}

/** @param {{ count: number, seed: string }} order */
async function open({ count, seed }) {
  const watch = new SweepWatch(count);
  const agents = Array.from({ length: count }, (_, index) =>
    isSilent(index) ? undefined : new SimulatedAgent(keyOf(seed, index), journalOf(index)),
  );
  const door = createHttpServer((request, response) => {
    const index = indexOf(request.socket.localAddress);
    const agent = agents[index];
    if (!agent || request.headers['x-api-key'] !== keyOf(seed, index)) return void response.writeHead(401).end();
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const frames = decodeFrames(Buffer.concat(chunks));
      if (frames.length === 0) watch.polled(index);
      const body = encodeFrames(agent.answer(String(request.headers['x-scriptmesh-agent']), frames));
      response.writeHead(200, { 'content-type': FRAMES_CONTENT_TYPE, 'content-length': body.length }).end(body);
    });
  });
  door.keepAliveTimeout = KEEP_ALIVE_MS;
  const silent = createServer((socket) => {
    socket.on('error', () => {});
    // A connection without a request on it is no poll.
    socket.once('data', () => {
      watch.silentOpened(indexOf(socket.localAddress));
      socket.once('close', () => watch.silentClosed());
    });
  });
  const listen = (/** @type {import('node:net').Server} */ server) =>
    new Promise((resolve) =>
      server.listen({ port: 0, host: ANY_LOOPBACK_ADDRESS, backlog: 4096 }, () => resolve(server.address().port)),
    );
  process.send?.({ kind: 'ready', port: await listen(door), silentPort: await listen(silent) });
}

process.once('message', open);
process.once('disconnect', () => process.exit());
