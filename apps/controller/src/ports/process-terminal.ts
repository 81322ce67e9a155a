import type { WriteStream } from 'node:tty';
import { BrokenPipe, Terminal } from './terminal.js';

/** The streams of this process. hasColors() knows NO_COLOR and TERM. */
export class ProcessTerminal extends Terminal {
  constructor(
    private readonly stdout: WriteStream,
    private readonly stderr: WriteStream,
  ) {
    super();
    // Each failed write is also told to its callback; without these listeners it would end the process.
    stdout.on('error', () => {});
    stderr.on('error', () => {});
  }

  override get outIsTerminal(): boolean {
    return this.stdout.isTTY === true;
  }
  override get errIsTerminal(): boolean {
    return this.stderr.isTTY === true;
  }
  override get outHasColors(): boolean {
    return this.outIsTerminal && this.stdout.hasColors();
  }
  override get errHasColors(): boolean {
    return this.errIsTerminal && this.stderr.hasColors();
  }
  override get columns(): number {
    return this.stdout.columns || 80;
  }
  override get rows(): number {
    return this.stdout.rows || 24;
  }

  override out(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.stdout.write(data, (error) => {
        if (!error) resolve();
        else reject(isBrokenPipe(error) ? new BrokenPipe() : error);
      });
    });
  }

  /** A message that nobody can read any more is no reason to fail. */
  override err(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => void this.stderr.write(data, () => resolve()));
  }
}

const isBrokenPipe = (error: Error): boolean =>
  ['EPIPE', 'ERR_STREAM_DESTROYED', 'ECONNRESET', 'EOF'].includes((error as NodeJS.ErrnoException).code ?? '');
