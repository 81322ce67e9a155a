import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'results');

/** Writes `bench/results/NAME.json`: the figures, and on what they were measured. */
export function saveResult(/** @type {string} */ name, /** @type {object} */ result) {
  mkdirSync(FOLDER, { recursive: true });
  const machine = {
    node: process.version,
    cores: cpus().length,
    kernel: release(),
    memoryMiB: Math.round(totalmem() / 2 ** 20),
  };
  const text = JSON.stringify({ name, at: new Date().toISOString(), machine, ...result }, null, 2);
  writeFileSync(join(FOLDER, `${name}.json`), `${text}\n`);
}
