import type { Clock, Timer } from '@scriptmesh/runtime';
import type { Dispatcher } from 'undici';
import type { LegacyAnswer, StartedCall } from '../legacy-agent-calls.js';

export interface CallBounds {
  /** Until the whole answer is there, connecting included. */
  readonly withinMs: number;
  readonly maxBytes: number;
}

/** One request of the 0.2 wire as undici calls back about it. The verdict is drawn here and nowhere else. */
export class OneCall implements Dispatcher.DispatchHandler, StartedCall {
  readonly left: Promise<boolean>;
  readonly answer: Promise<LegacyAnswer>;
  #settle!: (answer: LegacyAnswer) => void;
  #tellLeft!: (left: boolean) => void;
  #settled = false;
  #written = false;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #bytes = 0;
  readonly #chunks: Buffer[] = [];
  readonly #timer: Timer;

  constructor(
    clock: Clock,
    private readonly bounds: CallBounds,
  ) {
    this.left = new Promise((resolve) => (this.#tellLeft = resolve));
    this.answer = new Promise((resolve) => (this.#settle = resolve));
    this.#timer = clock.after(bounds.withinMs, () => this.abort(`no answer within ${bounds.withinMs / 1000} s`));
  }

  /** Called just before the bytes leave: until then a failure proves that nothing arrived. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    // A second write could start the script twice behind our back.
    if (this.#settled || this.#written) return controller.abort(new Error('the call is over'));
    this.#written = true;
    this.#controller = controller;
    this.#tellLeft(true);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number): void {
    if (status >= 200) this.#status = status;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= this.bounds.maxBytes) this.#chunks.push(chunk);
    else this.abort(`the answer is over ${this.bounds.maxBytes} bytes`);
  }

  onResponseEnd(): void {
    const body = Buffer.concat(this.#chunks).toString('utf8');
    this.#end({ kind: 'answered', status: this.#status, body });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.fail(nameOf(error));
  }

  abort(why: string): void {
    this.fail(why);
    this.#controller?.abort(new Error(why));
  }

  fail(why: string): void {
    this.#end({ kind: this.#written ? 'unknown' : 'not-sent', why });
  }

  #end(answer: LegacyAnswer): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#timer.stop();
    this.#chunks.length = 0;
    this.#tellLeft(this.#written);
    this.#settle(answer);
  }
}

/** An error over several addresses has no message of its own, only a code. */
function nameOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof message === 'string' && message !== '') return message;
  return typeof code === 'string' ? code : 'the connection broke';
}
