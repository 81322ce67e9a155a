import { Writable } from 'node:stream';
import { SystemClock, type Clock } from '@scriptmesh/runtime';

/** Too short for an eye, and long enough for the lines of a run. */
const LINGER_MS = 20;

/**
 * Gathers lines for a moment and writes them in one piece: on a pipe each write is a call into the system that
 * everything else waits for, and wakes whoever reads. Whoever makes one has it flushed before the process exits.
 */
export class GatheringStream extends Writable {
  #lines: string[] = [];

  constructor(
    private readonly to: NodeJS.WritableStream,
    private readonly clock: Clock,
  ) {
    super({ decodeStrings: false });
  }

  override _write(line: string, _encoding: BufferEncoding, done: () => void): void {
    if (this.#lines.length === 0) this.clock.after(LINGER_MS, () => this.flushNow());
    this.#lines.push(line);
    done();
  }

  flushNow(): void {
    if (this.#lines.length === 0) return;
    const text = this.#lines.join('');
    this.#lines = [];
    this.to.write(text);
  }
}

let stderr: GatheringStream | undefined;

/** One for the whole process. */
export function gatheredStderr(): GatheringStream {
  if (stderr) return stderr;
  const made = new GatheringStream(process.stderr, new SystemClock());
  process.once('exit', () => made.flushNow());
  // Nobody reads any more: no reason to stop the program. Without a listener it would be an uncaught exception.
  process.stderr.on('error', () => {});
  return (stderr = made);
}
