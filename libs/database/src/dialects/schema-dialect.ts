import type { ColumnDataType, ColumnDefinitionBuilder, CreateTableBuilder, Kysely, RawBuilder } from 'kysely';

type ColumnType = ColumnDataType | RawBuilder<unknown>;

/** Columns that never change again once the row fulfils a condition. */
export interface FrozenColumns {
  readonly table: string;
  readonly columns: readonly string[];
  /** SQL over the row as it was, `old`; the same text for both engines. */
  readonly when: string;
  readonly message: string;
}

/** A change of rows that the database itself refuses. One table has at most one refusal for each kind of change. */
export interface RefusedChange {
  readonly table: string;
  readonly change: 'update' | 'delete';
  /** Of an update: only when one of these changes. Absent: any update. */
  readonly columns?: readonly string[];
  /** SQL over the row as it was, `old`; the same text for both engines. */
  readonly when: string;
  readonly message: string;
}

/**
 * What a migration must know of its engine. Migrations are never changed once published, so neither is the meaning
 * of what stands here: add a new member for a new meaning.
 */
export interface SchemaDialect {
  readonly engine: 'sqlite' | 'postgres';
  /** Text ordered by its bytes, whatever the locale of the server. */
  readonly text: ColumnType;
  readonly integer: ColumnType;
  readonly bytes: ColumnType;
  /** An integer key that counts up by itself and never takes a number twice. */
  identity(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder;
  identityType: ColumnType;
  endTable<Table extends string, Columns extends string>(
    table: CreateTableBuilder<Table, Columns>,
  ): CreateTableBuilder<Table, Columns>;
  /** Makes the database itself refuse UPDATE and DELETE on a table. */
  makeAppendOnly(db: Kysely<unknown>, table: string): Promise<void>;
  freezeColumns(db: Kysely<unknown>, frozen: FrozenColumns): Promise<void>;
  /** Takes away what `freezeColumns` did to a table. */
  dropFreeze(db: Kysely<unknown>, table: string): Promise<void>;
  /** A refusal of deletes holds against TRUNCATE, too, whatever the rows say. */
  refuseChange(db: Kysely<unknown>, refused: RefusedChange): Promise<void>;
  /** Takes away a refusal of updates. */
  dropRefusal(
    db: Kysely<unknown>,
    refused: Pick<RefusedChange, 'table'> & { readonly change: 'update' },
  ): Promise<void>;
  /** Where the commits are counted. */
  createStoreSeq(db: Kysely<unknown>): Promise<void>;
  hasTable(db: Kysely<unknown>, table: string): Promise<boolean>;
  /** Held to the end of the transaction: two programs that open one database migrate it one after the other. */
  lockMigrations(db: Kysely<unknown>): Promise<void>;
}
