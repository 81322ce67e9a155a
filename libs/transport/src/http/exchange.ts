/**
 * One POST and its answer, as what carries it calls back about it: whether its bytes ever left, what came back, within which
 * bounds of bytes and time. The verdict is drawn here and nowhere else.
 */
import type { Clock, Timer } from '@scriptmesh/runtime';
import { FRAMES_CONTENT_TYPE, decodeFrames, type FrameListLimits } from '../frames/frame-list.js';
import type { Posted } from '../frames/posted.js';
import type { Abortable, PostEvents } from './post-client.js';

export interface ExchangeBounds {
  /** Until the head of the answer is there, connecting included. */
  readonly timeoutMs: number;
  /** Until the whole answer is there. */
  readonly totalTimeoutMs: number;
  readonly limits: FrameListLimits;
}

/** The statuses that prove that the other side's door turned the message away unread. */
export type ProofStatuses = ReadonlySet<number>;

export class Exchange implements PostEvents {
  readonly posted: Promise<Posted>;
  #settle!: (posted: Posted) => void;
  #settled = false;
  #written = false;
  #controller: Abortable | undefined;
  #status: number | null = null;
  #bytes = 0;
  readonly #chunks: Buffer[] = [];
  readonly #startedAtMs: number;
  #timer: Timer;

  constructor(
    private readonly clock: Clock,
    private readonly bounds: ExchangeBounds,
    private readonly proofStatuses: ProofStatuses,
  ) {
    this.posted = new Promise((resolve) => (this.#settle = resolve));
    this.#startedAtMs = clock.monotonicMs();
    this.#timer = clock.after(bounds.timeoutMs, () => this.giveUp(`no answer within ${bounds.timeoutMs} ms`));
  }

  /** Called just before the bytes leave: until then a failure proves that nothing arrived. */
  onRequestStart(controller: Abortable): void {
    // Given up already, or written once before: a second write could deliver the message twice behind our back.
    if (this.#settled || this.#written) return controller.abort(new Error('the exchange is over'));
    this.#written = true;
    this.#controller = controller;
  }

  onResponseStart(_: Abortable, status: number, headers: Record<string, unknown>): void {
    if (status < 200) return;
    this.#status = status;
    if (status !== 200) return this.#refusedWith(status);
    if (!isListOfFrames(headers['content-type'])) return this.giveUp('the answer is not a list of frames');
    this.#timer.stop();
    const { totalTimeoutMs } = this.bounds;
    const leftMs = Math.max(1, totalTimeoutMs - (this.clock.monotonicMs() - this.#startedAtMs));
    this.#timer = this.clock.after(leftMs, () =>
      this.giveUp(`the answer was not complete within ${totalTimeoutMs} ms`),
    );
  }

  onResponseData(_: Abortable, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.bounds.limits.maxBytes)
      this.giveUp(`the answer is over ${this.bounds.limits.maxBytes} bytes`);
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    try {
      const [only] = this.#chunks;
      const body = this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks);
      this.#end({ verdict: 'sent', status: this.#status, why: '', answer: decodeFrames(body, this.bounds.limits) });
    } catch (error) {
      this.#fail(nameOf(error));
    }
  }

  onResponseError(_: Abortable, error: Error): void {
    this.#fail(nameOf(error));
  }

  /** Ends the exchange and its connection; what the verdict is depends on whether the bytes had left. */
  giveUp(why: string): void {
    this.#fail(why);
    this.#controller?.abort(new Error(why));
  }

  #refusedWith(status: number): void {
    const verdict = this.proofStatuses.has(status) ? 'not-sent' : 'unknown';
    const why = `answered with status ${status}`;
    this.#end({ verdict, status, why, answer: [] });
    // The rest of such an answer is of no use, and it may be endless.
    this.#controller?.abort(new Error(why));
  }

  #fail(why: string): void {
    this.#end({ verdict: this.#written ? 'unknown' : 'not-sent', status: this.#status, why, answer: [] });
  }

  #end(posted: Posted): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#timer.stop();
    this.#chunks.length = posted.verdict === 'sent' ? this.#chunks.length : 0;
    this.#settle(posted);
  }
}

const isListOfFrames = (contentType: unknown): boolean =>
  typeof contentType === 'string' && contentType.split(';', 1)[0]?.trim().toLowerCase() === FRAMES_CONTENT_TYPE;

/** An error over several addresses has no message of its own, only a code. */
function nameOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return [code, message].filter((part) => typeof part === 'string' && part !== '').join(': ') || 'an unnamed error';
}
