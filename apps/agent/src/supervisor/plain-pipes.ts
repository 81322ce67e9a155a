import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { OutputPipes, PipeSource } from './output-pipes.js';
import type { Stream } from './words.js';

/** Pipes that end with their parent: for systems without /proc, where nobody could find an orphan again. */
export class PlainPipes extends PipeSource {
  override async make(): Promise<OutputPipes> {
    return new PipesOfChild();
  }
  override reopen(): OutputPipes {
    throw new Error('pipes of a parent that is gone cannot be opened again');
  }
}

class PipesOfChild extends OutputPipes {
  override readonly stdio = { stdout: 'pipe', stderr: 'pipe' } as const;
  #child: ChildProcess | null = null;

  override handOver(child: ChildProcess | null): void {
    this.#child = child;
  }

  override drain(stream: Stream, take: (chunk: Uint8Array) => void): Promise<void> {
    const source = this.#child?.[stream] as Readable;
    source.on('data', take);
    source.once('end', () => this.onEndOfFile(stream));
    return new Promise((resolve) => source.once('close', resolve));
  }

  override letGo(): void {
    this.#child?.stdout?.destroy();
    this.#child?.stderr?.destroy();
  }

  override remove(): void {}
}
