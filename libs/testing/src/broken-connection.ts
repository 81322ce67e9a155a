import type { Socket } from 'node:net';
import type { Clock, Timer } from '@scriptmesh/runtime';
import type { BrokenProxyMode } from './broken-proxy.js';

export interface BrokenConnectionOptions {
  /** Asked anew for every piece of data, so that a mode switched at run time holds at once. */
  readonly mode: () => BrokenProxyMode;
  readonly clock: Clock;
  readonly slowByteMs: number;
}

/** One connection through a BrokenProxy: the caller's socket and the one to the target. */
export class BrokenConnection {
  #dripping = Buffer.alloc(0);
  #drip: Timer | undefined;
  #answerEnded = false;
  /** Resolves when both sockets are gone. */
  readonly closed: Promise<unknown>;

  constructor(
    private readonly caller: Socket,
    private readonly target: Socket,
    private readonly options: BrokenConnectionOptions,
  ) {
    this.closed = Promise.all(
      [caller, target].map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    );
    caller.setNoDelay(true);
    target.setNoDelay(true);
    caller.on('data', (bytes: Buffer) => this.#fromCaller(bytes));
    target.on('data', (bytes: Buffer) => this.#fromTarget(bytes));
    caller.on('end', () => target.end());
    target.on('end', () => this.#targetEnded());
    // A target that refuses or resets looks to the caller like a reset.
    target.on('error', () => this.reset());
    caller.on('error', () => target.destroy());
    caller.on('close', () => this.#over());
  }

  reset(): void {
    // A socket that was ended in good order can no longer be reset: Node would then never close it.
    if (this.caller.writableEnded) this.caller.destroy();
    else this.caller.resetAndDestroy();
    this.#over();
  }

  #fromCaller(bytes: Buffer): void {
    const mode = this.options.mode();
    if (mode === 'resetBefore' || mode === 'refuse') return this.reset();
    if (mode !== 'halfOpen') pour(bytes, this.caller, this.target);
  }

  #fromTarget(bytes: Buffer): void {
    const mode = this.options.mode();
    if (mode === 'halfOpen') return;
    // The target has begun to answer, so it has the whole request.
    if (mode === 'resetAfterRequest') this.reset();
    else if (mode === 'slow' || this.#dripping.length > 0) this.#dripLater(bytes);
    else pour(bytes, this.target, this.caller);
  }

  #dripLater(bytes: Buffer): void {
    this.#dripping = Buffer.concat([this.#dripping, bytes]);
    this.#drip ??= this.options.clock.after(this.options.slowByteMs, () => this.#dripOne());
  }

  #dripOne(): void {
    this.caller.write(this.#dripping.subarray(0, 1));
    this.#dripping = this.#dripping.subarray(1);
    this.#drip = undefined;
    if (this.#dripping.length > 0) this.#dripLater(Buffer.alloc(0));
    else if (this.#answerEnded) this.caller.end();
  }

  #targetEnded(): void {
    this.#answerEnded = true;
    if (this.#dripping.length === 0 && this.options.mode() !== 'halfOpen') this.caller.end();
  }

  #over(): void {
    this.#drip?.stop();
    this.target.destroy();
  }
}

/** Writes on and holds the source back while the sink is full. */
function pour(bytes: Buffer, source: Socket, sink: Socket): void {
  if (sink.destroyed || sink.write(bytes)) return;
  source.pause();
  sink.once('drain', () => source.resume());
}
