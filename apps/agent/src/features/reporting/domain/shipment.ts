import type { Stream } from '@scriptmesh/contracts';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 30_000;
/**
 * After an acknowledgement further output gathers for half the time that it took, so that a chatty script does not make
 * a request for each line, and the fewer the busier the orchestrator is; but no longer than an eye would notice.
 */
const GATHER_SHARE = 0.5;
const MOST_GATHER_MS = 20;
/** So long the acceptance of a new run waits for what the script has to say: most are done by then. */
const OPENING_MS = 25;
/** So long the first output waits for the end: what says one line is over in a moment, and what goes on is followed. */
const FIRST_OUTPUT_MS = 8;
/** With this much waiting there is nothing to gather. */
const BACKLOG_BYTES = 64 * 1024;

/** How far the output of one run has got, and when it may be sent again. Times are monotonic milliseconds. */
export class Shipment {
  /** Bytes that the orchestrator has: sending goes on from there, and from there only. */
  readonly acked: Record<Stream, number> = { stdout: 0, stderr: 0 };
  /** Bytes that the files hold, as far as was told. */
  readonly known: Record<Stream, number> = { stdout: 0, stderr: 0 };
  holdUntilMs = 0;
  /** The orchestrator was not told yet that the run is accepted. */
  isAcceptanceDue = false;
  /** The end was sent together with the last output: its acknowledgement follows that of the output. */
  isEndSent = false;
  #triesInVain = 0;
  #heldBeforeMs = 0;
  #sentAtMs = 0;

  /** The run was just accepted. */
  open(nowMs: number): void {
    this.isAcceptanceDue = true;
    this.holdUntilMs = nowMs + OPENING_MS;
  }

  /** The file of a stream holds so many bytes. */
  grow(stream: Stream, length: number, nowMs: number): void {
    this.known[stream] = length;
    if (this.isAcceptanceDue) this.holdUntilMs = Math.min(this.holdUntilMs, nowMs + FIRST_OUTPUT_MS);
  }

  /** On its way from now on: not sent again until an acknowledgement moves it on or the time for one is over. */
  hold(nowMs: number): void {
    this.#heldBeforeMs = this.holdUntilMs;
    this.#sentAtMs = nowMs;
    this.holdUntilMs = nowMs + Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#triesInVain);
    this.#triesInVain = Math.min(this.#triesInVain + 1, 10);
  }

  /** There was nothing to send, or it did not leave. */
  letGo(): void {
    this.holdUntilMs = Math.min(this.holdUntilMs, this.#heldBeforeMs);
    this.#triesInVain = Math.max(0, this.#triesInVain - 1);
  }

  /** The script has ended: what gathers is sent at once. */
  stopGathering(): void {
    if (this.#triesInVain === 0) this.holdUntilMs = 0;
  }

  /**
   * The orchestrator says what it has. A lower offset than before makes the sending go back; one beyond what is there
   * is not believed.
   */
  noteAck(stream: Stream, offset: number, nowMs: number, hasEnded: boolean): void {
    const believed = Math.min(offset, this.known[stream]);
    const isProgress = believed > this.acked[stream];
    this.acked[stream] = believed;
    if (!isProgress) return;
    this.#triesInVain = 0;
    if (this.isEndSent) return;
    const backlog = this.known.stdout - this.acked.stdout + this.known.stderr - this.acked.stderr;
    const gatherMs = Math.min(MOST_GATHER_MS, (nowMs - this.#sentAtMs) * GATHER_SHARE);
    this.holdUntilMs = hasEnded || backlog >= BACKLOG_BYTES ? 0 : nowMs + gatherMs;
  }
}
