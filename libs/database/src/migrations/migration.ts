import type { Kysely } from 'kysely';
import type { SchemaDialect } from '../dialects/schema-dialect.js';

/** One step of the schema. Once published it never changes; a mistake is mended by a later one. */
export interface Migration {
  /** Counts up from 1 without gaps; stands in the file's name. */
  readonly number: number;
  readonly name: string;
  up(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void>;
}
