/** Figures of a list of samples, and how they are shown. */
import Table from 'cli-table3';

/** @param {readonly number[]} values @param {number} share from 0 to 1 @returns the value that this share does not exceed */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const ms = (/** @type {number} */ value) => `${value.toFixed(1)} ms`;
export const seconds = (/** @type {number} */ valueMs) => `${(valueMs / 1000).toFixed(1)} s`;
export const mebibytes = (/** @type {number} */ value) => `${value.toFixed(0)} MiB`;
export const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`);

export function showTable(/** @type {string[]} */ head, /** @type {unknown[][]} */ rows) {
  const table = new Table({ head, style: { head: [], border: [] } });
  table.push(...rows.map((row) => row.map(String)));
  say(`\n${table.toString()}`);
}

export class Budgets {
  /** @type {{ what: string, measured: string, budget: string, kept: boolean }[]} */
  rows = [];

  add(/** @type {string} */ what, /** @type {string} */ measured, /** @type {string} */ budget, kept = true) {
    this.rows.push({ what, measured, budget, kept });
  }
  /** @param {string} what @param {number} measured @param {number} bound @param {(value: number) => string} show */
  atMost(what, measured, bound, show) {
    this.add(what, show(measured), `at most ${show(bound)}`, measured <= bound);
  }
  /** @param {string} what @param {number} measured @param {number} bound @param {(value: number) => string} show */
  atLeast(what, measured, bound, show) {
    this.add(what, show(measured), `at least ${show(bound)}`, measured >= bound);
  }

  show() {
    const rows = this.rows.map(({ what, measured, budget, kept }) => [
      what,
      measured,
      budget,
      kept ? 'kept' : 'MISSED',
    ]);
    showTable(['budget', 'measured', 'allowed', ''], rows);
  }
  get ok() {
    return this.rows.every(({ kept }) => kept);
  }
}
