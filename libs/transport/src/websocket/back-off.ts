/** Pauses between dials: full jitter, so that a thousand agents do not come back in the same moment. */
const FIRST_CAP_MS = 250;
const LAST_CAP_MS = 30_000;

/** @param failures dials in a row without a lasting socket, from 0; @param fraction random, in [0, 1) */
export const pauseMs = (failures: number, fraction: number): number =>
  fraction * Math.min(LAST_CAP_MS, FIRST_CAP_MS * 2 ** Math.min(failures, 10));

/** Another program holds our place: dialling soon would only turn it out in its turn. */
export const longPauseMs = (fraction: number): number => LAST_CAP_MS * (0.5 + fraction / 2);
