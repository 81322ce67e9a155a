import { ALL_MIGRATIONS } from './migrations/all-migrations.js';

/** What a store says of itself. */
export interface StoreFacts {
  /** Why nothing can be done with it: it is damaged, or not ours; undefined when it is whole and ours. */
  readonly fault?: string;
  /** Number of the newest migration that was applied; 0 = none, an empty database. */
  readonly schema: number;
  /** The rows of `meta`, by key. */
  readonly meta: Readonly<Record<string, string>>;
}

/** Number of the schema that this program works with. */
export const OWN_SCHEMA = ALL_MIGRATIONS.at(-1)?.number ?? 0;
