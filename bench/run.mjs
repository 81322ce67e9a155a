#!/usr/bin/env node
/**
 * `npm run bench [-- NAME ARGUMENTS...]`: runs bench/NAME.bench.mjs, or all of them; ends with 1 when a budget is missed.
 * Each exports `async function run(args)` that prints its figures and returns `{ ok }`.
 */
import { readdirSync } from 'node:fs';

const ENDING = '.bench.mjs';
const known = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(ENDING))
  .map((file) => file.slice(0, -ENDING.length))
  .sort();
const [name, ...args] = process.argv.slice(2);

if (name !== undefined && !known.includes(name)) {
  process.stderr.write(`bench: there is no "${name}"\n  do:  use one of ${known.join(', ')}\n`);
  process.exit(2);
}
let ok = true;
for (const each of name === undefined ? known : [name]) {
  process.stdout.write(`== ${each}\n`);
  const { run } = await import(new URL(`./${each}${ENDING}`, import.meta.url).href);
  const result = await run(args);
  process.stdout.write(`== ${each}: ${result.ok ? 'within its budgets' : 'MISSED A BUDGET'}\n`);
  ok &&= result.ok;
}
process.exitCode = ok ? 0 : 1;
