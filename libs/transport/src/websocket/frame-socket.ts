/**
 * One open WebSocket as both halves use it: posts lists of frames, each answered under its number, and answers those
 * of the other side. So a list is `sent` when its answer came, and `unknown` when the socket broke before that.
 */
import { isMeshError } from '@scriptmesh/contracts';
import type { Frame } from '@scriptmesh/crypto';
import type { Clock } from '@scriptmesh/runtime';
import { WebSocket } from 'ws';
import { decodeFrames, encodeFrames } from '../frames/frame-list.js';
import type { Posted } from '../frames/posted.js';
import { answerFrames, type Door } from '../frames/rounds.js';
import { CLOSE } from './close-codes.js';
import { Intake } from './intake.js';
import { Pulse } from './pulse.js';
import { decodeMessage, encodeMessage, HIGHEST_NUMBER, type SocketMessage } from './socket-message.js';

export interface FrameSocketOptions {
  readonly clock: Clock;
  /** Until the answer to a post is there. */
  readonly timeoutMs: number;
  readonly door: Door;
  /** Called once, whichever side closed, with the close code; 1006 when the connection just broke. */
  readonly onClosed: (code: number) => void;
}

/** Bytes that wait to be read by the other side; with more, a post is not sent. */
const MOST_BUFFERED_BYTES = 16 * 1024 * 1024;
/** How long the other side may take to answer a close. */
const CLOSE_WITHIN_MS = 1000;

export class FrameSocket {
  /** Resolves when the connection is gone. */
  readonly gone: Promise<void>;
  readonly #waiting = new Map<number, (posted: Posted) => void>();
  readonly #pulse: Pulse;
  readonly #intake: Intake;
  #lastNumber = 0;
  #isOver = false;

  constructor(
    private readonly socket: WebSocket,
    private readonly options: FrameSocketOptions,
  ) {
    this.#intake = new Intake(socket);
    this.#pulse = new Pulse(
      options.clock,
      () => this.#ping(),
      () => socket.terminate(),
    );
    this.gone = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    socket.on('pong', () => this.#pulse.heard());
    socket.on('close', (code) => this.#finish(code));
    // Its close follows, with the code that tells why.
    socket.on('error', (error) => options.door.logger?.debug('transport.socket-error', { error }));
  }

  get isOpen(): boolean {
    return !this.#isOver && this.socket.readyState === WebSocket.OPEN;
  }

  /** Never rejects. The frames have to fit into one list. */
  post(frames: readonly Frame[]): Promise<Posted> {
    if (!this.isOpen) return notSent('the socket is not open');
    if (this.socket.bufferedAmount > MOST_BUFFERED_BYTES) return notSent('the other side is slow to read');
    const number = (this.#lastNumber = (this.#lastNumber % HIGHEST_NUMBER) + 1);
    return new Promise((resolve) => {
      const { clock, timeoutMs } = this.options;
      const timer = clock.after(timeoutMs, () => settle(unknown(`no answer within ${timeoutMs} ms`)));
      const settle = (posted: Posted): void => {
        timer.stop();
        this.#waiting.delete(number);
        resolve(posted);
      };
      this.#waiting.set(number, settle);
      this.#send({ kind: 'post', number, body: encodeFrames(frames) });
    });
  }

  /** What comes from now on is not looked at; posts on their way are `unknown`. */
  close(code: number, why: string): void {
    if (this.#isOver) return;
    this.socket.close(code, why);
    this.#finish(code);
    const timer = this.options.clock.after(CLOSE_WITHIN_MS, () => this.socket.terminate());
    void this.gone.then(() => timer.stop());
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#isOver) return;
    this.#pulse.heard();
    if (!isBinary) return this.close(CLOSE.notBinary, 'lists of frames are binary');
    const message = decodeMessage(data);
    if (!message) return this.close(CLOSE.protocolError, 'not a message of this protocol');
    if (message.kind === 'post') void this.#answer(message);
    else this.#waiting.get(message.number)?.(this.#toPosted(message));
  }

  async #answer({ number, body }: SocketMessage): Promise<void> {
    const { door } = this.options;
    const done = this.#intake.take(body.length);
    try {
      this.#reply({ kind: 'answer', number, body: await answerFrames(body, door) });
    } catch (error) {
      const code = isMeshError(error) ? error.code : 'internal/unexpected';
      door.logger?.[isMeshError(error) && error.status < 500 ? 'warn' : 'error']('transport.refused', { code, error });
      this.#reply({ kind: 'refused', number, body: Buffer.from(code) });
    } finally {
      done();
    }
  }

  /** Answers cannot be held back as posts are, so who does not read them is let go. */
  #reply(message: SocketMessage): void {
    if (this.#isOver) return;
    if (this.socket.bufferedAmount > MOST_BUFFERED_BYTES) this.close(CLOSE.overloaded, 'answers are not read');
    else this.#send(message);
  }

  #toPosted({ kind, body }: SocketMessage): Posted {
    if (kind === 'refused') return unknown(`refused with ${Buffer.from(body).toString('utf8', 0, 100)}`);
    try {
      return { verdict: 'sent', status: null, why: '', answer: decodeFrames(body, this.options.door.limits) };
    } catch (error) {
      return unknown(String(error));
    }
  }

  #send(message: SocketMessage): void {
    // A failure is followed by the socket's close, which settles what waits.
    this.socket.send(encodeMessage(message), () => {});
  }

  #ping(): void {
    if (this.#intake.isPaused) this.#pulse.heard();
    this.socket.ping(undefined, undefined, () => {});
  }

  #finish(code: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#pulse.stop();
    for (const settle of this.#waiting.values()) settle(unknown(`the socket was closed (${code})`));
    this.options.onClosed(code);
  }
}

const unknown = (why: string): Posted => ({ verdict: 'unknown', status: null, why, answer: [] });
const notSent = (why: string): Promise<Posted> =>
  Promise.resolve({ verdict: 'not-sent', status: null, why, answer: [] });
