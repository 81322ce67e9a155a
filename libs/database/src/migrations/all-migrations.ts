import { firstTables } from './0001-first-tables.js';
import { repeatsAndCancels } from './0002-repeats-and-cancels.js';
import { protectedEnds } from './0003-protected-ends.js';
import { traceOfARun } from './0004-trace-of-a-run.js';
import { automaticRetries } from './0005-automatic-retries.js';
import { tails } from './0006-tails.js';
import { protectedTails } from './0007-protected-tails.js';
import type { Migration } from './migration.js';

/** In order. When adding one: a file `NNNN-what-it-does.ts`, a line here, the types in `schema.ts`. */
export const ALL_MIGRATIONS: readonly Migration[] = [
  firstTables,
  repeatsAndCancels,
  protectedEnds,
  traceOfARun,
  automaticRetries,
  tails,
  protectedTails,
];
