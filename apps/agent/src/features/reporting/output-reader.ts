import type { PerStream, Stream } from '@scriptmesh/contracts';

/** The output of a run as it stands in the run's folder. */
export abstract class OutputReader {
  /** Fewer bytes than asked for when the file ends before; none when there is no file. */
  abstract read(folder: string, stream: Stream, offset: number, maxBytes: number): Promise<Uint8Array>;
  abstract lengths(folder: string): Promise<PerStream<number>>;
}
