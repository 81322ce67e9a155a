export interface Sweep {
  readonly durationMs: number;
  readonly polled: number;
  readonly answered: number;
}

/** Tells of sweeps that came to their end. */
export abstract class SweepNews {
  abstract onSwept(listener: (sweep: Sweep) => void): void;
}
