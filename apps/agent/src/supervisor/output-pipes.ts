import type { ChildProcess } from 'node:child_process';
import type { PerStream, Stream } from './words.js';

/** A run's stdout and stderr on their way from the script to us. */
export abstract class OutputPipes {
  /** Called in the turn of the event loop in which the last writer of a stream is found gone. */
  onEndOfFile: (stream: Stream) => void = () => undefined;
  /** What the script is started with as 1 and 2. */
  abstract readonly stdio: PerStream<number | 'pipe'>;
  /** Once after a start, with the child, or without one when it failed: lets go of the script's ends. */
  abstract handOver(child: ChildProcess | null): void;
  /** Resolves when all writers are gone, or when they were let go of. `take` must be done with the bytes when it returns. */
  abstract drain(stream: Stream, take: (chunk: Uint8Array) => void): Promise<void>;
  /** Stops reading; may be called at any time and again. */
  abstract letGo(): void;
  /** Takes away what stands in the run's folder for it. */
  abstract remove(): void;
}

/** Where the pipes of runs come from. */
export abstract class PipeSource {
  abstract make(folder: string): Promise<OutputPipes>;
  /** The pipes of a run that another supervisor has started. */
  abstract reopen(folder: string): OutputPipes;
}
