/**
 * One agent as far as its frames tell: it introduces itself, gives a sign of life at each poll, and takes every run
 * that it is offered and ends it at once.
 */
import { createHash } from 'node:crypto';
import { MESSAGE_VERSION } from '../../dist/orchestrator/libs/contracts/src/index.js';
import { FrameSealer } from '../../dist/orchestrator/libs/crypto/src/index.js';

const NOTHING_SHA = createHash('sha256').update('').digest('hex');
const START_ID = 'c'.repeat(32);
const SIGN = { bootId: 'bench', manifestSha: null, freeSlots: 8, spoolBytes: 0, diskFree: null, inventory: [] };

export class SimulatedAgent {
  #sealer;
  #journalId;
  #agentId = '';
  #epoch = -1;
  #known = false;
  #recordCount = 0;

  /** @param {string} key @param {string} journalId */
  constructor(key, journalId) {
    this.#sealer = new FrameSealer(key);
    this.#journalId = journalId;
  }

  /**
   * @param {string} agentId the id under which the orchestrator spoke to it
   * @param {readonly Uint8Array[]} frames none of them is a poll
   * @returns {Uint8Array[]} the answering frames
   */
  answer(agentId, frames) {
    this.#agentId = agentId;
    if (frames.length === 0) return [this.#seal(this.#known ? { kind: 'heartbeat', ...SIGN } : this.#hello())];
    return frames.flatMap((frame) => this.#answerOne(this.#sealer.open('to-agent', frame).header));
  }

  #answerOne(message) {
    if (message.kind === 'welcome') return this.#takeWelcome(message);
    if (message.kind !== 'offer') return [];
    this.#recordCount += 1;
    const about = { runId: message.runId, receipt: message.receipt };
    return [
      this.#seal({ kind: 'accepted', ...about, timeoutMs: 60_000, scriptSha: NOTHING_SHA }),
      this.#seal({ kind: 'result', ...about, ...ENDED_WELL }),
    ];
  }

  #takeWelcome({ epoch, countSeen }) {
    this.#epoch = epoch;
    this.#known = countSeen >= 0;
    return this.#known ? [] : [this.#seal(this.#hello())];
  }

  #hello() {
    return { kind: 'hello', startId: START_ID, epoch: this.#epoch, ...SIGN };
  }

  #seal(message) {
    return this.#sealer.seal('from-agent', {
      v: MESSAGE_VERSION,
      agentId: this.#agentId,
      keyId: this.#sealer.keyId,
      journalId: this.#journalId,
      now: Date.now(),
      recordCount: this.#recordCount,
      heardSeq: 0,
      ...message,
    });
  }
}

const ENDED_WELL = {
  code: 0,
  signal: null,
  lengths: { stdout: 0, stderr: 0 },
  sha256: { stdout: NOTHING_SHA, stderr: NOTHING_SHA },
  killedBy: null,
  truncated: false,
  dropped: { stdout: 0, stderr: 0 },
  durationMs: 1,
};
