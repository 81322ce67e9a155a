/** Ctrl-C, or the wish of another program that this one ends. While watched it does not end the program by itself. */
export abstract class Interrupts {
  abstract watch(): InterruptWatch;
}

export interface InterruptWatch {
  /** Fires at the first interrupt. */
  readonly signal: AbortSignal;
  /** Gives the interrupt its usual meaning back. */
  stop(): void;
}
