/** Figures of a list of samples, and how they are shown. */

/** @param {readonly number[]} values @param {number} share from 0 to 1 @returns the value that this share does not exceed */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const ms = (/** @type {number} */ value) => `${value.toFixed(1)} ms`;
export const seconds = (/** @type {number} */ valueMs) => `${(valueMs / 1000).toFixed(1)} s`;

export class Budgets {
  /** @type {{ what: string, measured: string, budget: string, kept: boolean }[]} */
  rows = [];

  add(/** @type {string} */ what, /** @type {string} */ measured, /** @type {string} */ budget, kept = true) {
    this.rows.push({ what, measured, budget, kept });
  }

  get ok() {
    return this.rows.every(({ kept }) => kept);
  }
}
