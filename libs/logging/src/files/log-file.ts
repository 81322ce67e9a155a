import type { Clock, Timer } from '@scriptmesh/runtime';
import { LineQueue } from './line-queue.js';
import { localDay, nextLocalMidnight } from './local-time.js';
import type { LogBounds } from './log-bounds.js';
import type { LogDisk } from './log-disk.js';
import { NodeLogDisk } from './node-log-disk.js';
import { Rotation } from './rotation.js';

/** Lines gather so long before they are written together. */
const LINGER_MS = 100;
const BATCH_BYTES = 65_536;
/** So that a line fits into a batch, whatever its letters are. */
const LINE_LETTERS = 20_000;
const QUEUE_BYTES = 2 * 1_048_576;
/** A disk that failed is not asked again before. */
const RETRY_MS = 5_000;
/** A wall clock may jump: midnight is looked for at least so often. */
const LOOK_MS = 3_600_000;
const CLOSE_WITHIN_MS = 2_000;

export interface LogFileOptions {
  /** Made (0700) when it is missing. */
  readonly folder: string;
  /** As in `orchestrator`: the file is `ScriptMesh-orchestrator.log`. */
  readonly program: string;
  readonly bounds: LogBounds;
  readonly clock: Clock;
  /** Tells at midnight too, and tidies at the start: for programs that stay. */
  readonly staysUp: boolean;
  readonly disk?: LogDisk;
}

/** Hears of the disk: once when it begins to fail, and how many lines were lost when it is well again. */
export interface LogFileListener {
  onFault(path: string, error: unknown): void;
  onDropped(lines: number): void;
}

/**
 * One program's log file. Lines are queued and written in the background, so that nobody waits for the disk; a disk
 * that is slow or full costs lines, which are counted, and never memory. No method throws.
 */
export class LogFile {
  readonly #queue = new LineQueue(QUEUE_BYTES);
  readonly #rotation: Rotation;
  readonly #disk: LogDisk;
  readonly #clock: Clock;
  #listener: LogFileListener | undefined;
  #running: Promise<void> | undefined;
  #compressing: Promise<void> | undefined;
  #next: Timer | undefined;
  #midnight: Timer | undefined;
  #isTorn = false;
  #isFailing = false;
  #isTidyDue: boolean;
  #isClosed = false;
  /** The disk did not answer while we waited to end: who asks it once more may wait for ever. */
  #isStuck = false;

  constructor(private readonly options: LogFileOptions) {
    this.#clock = options.clock;
    this.#disk = options.disk ?? new NodeLogDisk();
    this.#rotation = new Rotation({ ...options, disk: this.#disk });
    this.#isTidyDue = options.staysUp;
    if (options.staysUp) {
      this.#waitForMidnight();
      this.#schedule(0);
    }
  }

  listen(listener: LogFileListener): void {
    this.#listener = listener;
  }

  /** @param line without its end, cut at 20,000 letters; it is of the day on which this is called */
  append(line: string): void {
    const kept = line.length > LINE_LETTERS ? `${line.slice(0, LINE_LETTERS)}[cut]` : line;
    this.#queue.add(localDay(this.#clock.nowMs()), kept);
    if (this.#isClosed) this.flushNow();
    else this.#schedule(LINGER_MS);
  }

  /** Writes what is left, for at most two seconds. Lines that come later are written at once. */
  async close(): Promise<void> {
    this.#next?.stop();
    this.#midnight?.stop();
    this.#next = undefined;
    const { promise: isLate, timer } = this.#waitFor(CLOSE_WITHIN_MS);
    this.#isStuck = await Promise.race([this.#finish(), isLate]);
    this.#isClosed = true;
    if (!this.#isStuck) await Promise.race([this.#compressing, isLate]);
    timer.stop();
  }

  /**
   * Writes all lines before it returns: the last words of a process that ends now. Lines that were just on their way to
   * the disk may stand in the file twice, since nobody can wait for the answer any more.
   */
  flushNow(): void {
    if (this.#isStuck) return;
    try {
      for (let batch = this.#queue.peek(QUEUE_BYTES); batch; batch = this.#queue.peek(QUEUE_BYTES)) {
        this.#queue.remove(batch.bytes.byteLength);
        this.#disk.appendNow(this.#rotation.current, this.#afterTornLine(batch.bytes));
      }
    } catch {
      // There is no later moment at which it could be tried again, and nobody left to tell.
    }
  }

  async #finish(): Promise<false> {
    await this.#running;
    this.#next?.stop();
    await this.#work();
    return false;
  }

  #waitFor(delayMs: number): { promise: Promise<true>; timer: Timer } {
    let timer: Timer | undefined;
    const promise = new Promise<true>((resolve) => (timer = this.#clock.after(delayMs, () => resolve(true))));
    return { promise, timer: timer as unknown as Timer };
  }

  #schedule(delayMs: number): void {
    if (this.#next || this.#running || this.#isClosed) return;
    this.#next = this.#clock.after(delayMs, () => {
      this.#next = undefined;
      this.#running = this.#work().finally(() => {
        this.#running = undefined;
        if (!this.#queue.isEmpty) this.#schedule(this.#isFailing ? RETRY_MS : LINGER_MS);
      });
    });
  }

  async #work(): Promise<void> {
    try {
      await this.#disk.makeFolder(this.options.folder);
      if (this.#queue.isEmpty) await this.#makeRoom(localDay(this.#clock.nowMs()), 0);
      for (let next = this.#queue.peek(BATCH_BYTES); next; next = this.#queue.peek(BATCH_BYTES)) {
        await this.#makeRoom(next.day, next.bytes.byteLength);
        await this.#write(next.bytes);
        this.#noteRecovery();
      }
    } catch (error) {
      this.#noteFault(error);
    }
    if (this.#isTidyDue) await this.#tidy();
  }

  async #makeRoom(day: string, bytes: number): Promise<void> {
    if (!(await this.#rotation.makeRoom(day, bytes))) return;
    // The new one begins now, also when nobody has anything to say.
    await this.#disk.append(this.#rotation.current, Buffer.alloc(0));
    // A flood must not wait for its end before the oldest lines make room for it.
    await this.#tidy();
  }

  /** Old files that cannot be removed or compressed are no reason to lose new lines, nor to keep them waiting. */
  async #tidy(): Promise<void> {
    this.#isTidyDue = false;
    const tell = (error: unknown): void => this.#listener?.onFault(this.options.folder, error);
    await this.#rotation.keepBounds().catch(tell);
    this.#compressing ??= this.#rotation
      .compressOld()
      .catch(tell)
      .finally(() => (this.#compressing = undefined));
  }

  async #write(lines: Buffer): Promise<void> {
    const bytes = this.#afterTornLine(lines);
    const taken = await this.#disk.append(this.#rotation.current, bytes);
    if (taken > 0) this.#isTorn = this.#queue.remove(Math.max(0, taken - (bytes.byteLength - lines.byteLength)));
    if (taken < bytes.byteLength) throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC' });
  }

  /** A line of which a full disk took only a part is written again, on a line of its own. */
  #afterTornLine(lines: Buffer): Buffer {
    return this.#isTorn ? Buffer.concat([Buffer.from('\n'), lines]) : lines;
  }

  #noteFault(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#listener?.onFault(this.#rotation.current, error);
  }

  #noteRecovery(): void {
    this.#isFailing = false;
    const dropped = this.#queue.takeDropped();
    if (dropped > 0) this.#listener?.onDropped(dropped);
  }

  #waitForMidnight(): void {
    const nowMs = this.#clock.nowMs();
    this.#midnight = this.#clock.after(Math.min(LOOK_MS, nextLocalMidnight(nowMs) - nowMs), () => {
      // Files grow old also on days without a line.
      this.#isTidyDue = true;
      this.#schedule(0);
      this.#waitForMidnight();
    });
  }
}
