import { Writable } from 'node:stream';

/**
 * Gathers the lines of one turn of the event loop into one write: on a pipe each write is a call into the system that
 * everything else waits for. Whoever makes one has it flushed before the process exits.
 */
export class TurnStream extends Writable {
  #lines: string[] = [];

  constructor(private readonly to: NodeJS.WritableStream) {
    super({ decodeStrings: false });
  }

  override _write(line: string, _encoding: BufferEncoding, done: () => void): void {
    if (this.#lines.length === 0) setImmediate(() => this.flushNow());
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

let stderr: TurnStream | undefined;

/** One for the whole process. */
export function stderrByTurns(): TurnStream {
  if (stderr) return stderr;
  const made = new TurnStream(process.stderr);
  process.once('exit', () => made.flushNow());
  // Nobody reads any more: no reason to stop the program. Without a listener it would be an uncaught exception.
  process.stderr.on('error', () => {});
  return (stderr = made);
}
