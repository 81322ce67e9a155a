/** Where data and messages go. Data (what a program may read on) to `out`, everything else to `err`. */
export abstract class Terminal {
  /** A person sees it, not a pipe or a file. */
  abstract readonly outIsTerminal: boolean;
  abstract readonly errIsTerminal: boolean;
  abstract readonly outHasColors: boolean;
  abstract readonly errHasColors: boolean;
  /** Characters in a line; 80 when nobody sees it. */
  abstract readonly columns: number;
  /** Lines that are seen at once; 24 when nobody sees them. */
  abstract readonly rows: number;
  /** Resolves when the reader took it; throws BrokenPipe when there is no reader any more. */
  abstract out(data: string | Uint8Array): Promise<void>;
  abstract err(data: string | Uint8Array): Promise<void>;
}

/** The reader of our data has gone, as `head` does: no error, but nothing more to do. */
export class BrokenPipe extends Error {
  override readonly name = 'BrokenPipe';
  constructor() {
    super('nobody reads the output any more');
  }
}
