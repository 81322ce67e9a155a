const FIRST_MS = 250;
const LONGEST_MS = 30_000;

/** The pause after one that did not help: 0.25, 0.5, 1, 2 ... 30 s. */
export const nextPauseMs = (pauseMs: number): number => (pauseMs <= 0 ? FIRST_MS : Math.min(LONGEST_MS, pauseMs * 2));
