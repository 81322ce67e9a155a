import Libsql from 'libsql';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { checkStorable } from '../../storable-value.js';
import { toStoreError } from './sqlite-errors.js';

const KEPT_STATEMENTS = 256;

/** A statement that is kept ready. */
export interface KeptStatement extends SqliteStatement {
  /** The first row, or none: for a statement that gives one at most, this costs a third of `all`. */
  first(parameters: readonly unknown[]): unknown[];
}

/**
 * One libsql connection as Kysely wants it. It keeps prepared statements (preparing costs more than running most of
 * them), lets nothing through that libsql would cut or die of, and speaks MeshError for faults of disk and file.
 */
export class SqliteConnection implements SqliteDatabase {
  readonly #libsql: Libsql.Database;
  readonly #statements = new Map<string, KeptStatement>();
  /** The first error of a statement since this was last cleared. */
  failure: unknown;

  /** @throws MeshError store/unavailable when the file cannot be opened */
  constructor(file: string) {
    this.#libsql = this.#guard(() => new Libsql(file));
  }

  get inTransaction(): boolean {
    return this.#libsql.inTransaction;
  }

  exec(sql: string): void {
    this.#guard(() => this.#libsql.exec(sql));
  }

  prepare(sql: string): KeptStatement {
    const kept = this.#statements.get(sql);
    if (kept) return kept;
    const statement = this.#guardStatement(this.#guard(() => this.#libsql.prepare(sql)));
    const oldest = this.#statements.keys().next().value;
    if (oldest !== undefined && this.#statements.size >= KEPT_STATEMENTS) this.#statements.delete(oldest);
    this.#statements.set(sql, statement);
    return statement;
  }

  close(): void {
    this.#statements.clear();
    if (this.#libsql.open) this.#libsql.close();
  }

  #guardStatement(statement: Libsql.Statement<unknown[]>): KeptStatement {
    const { reader } = statement;
    // Rows as lists of values: libsql takes longer to make objects than to read the row.
    if (reader) statement.raw(true);
    const toObject = rowMaker(statement);
    const all = (parameters: readonly unknown[]) =>
      this.#guard(() => (statement.all(toSqlite(parameters)) as unknown[][]).map(toObject));
    return {
      reader,
      all,
      first: (parameters) =>
        this.#guard(() => {
          const row = statement.get(toSqlite(parameters)) as unknown[] | undefined;
          return row ? [toObject(row)] : [];
        }),
      run: (parameters) => this.#guard(() => statement.run(toSqlite(parameters))),
      iterate: (parameters) => all(parameters).values(),
    };
  }

  #guard<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      const mapped = toStoreError(error);
      this.failure ??= mapped;
      throw mapped;
    }
  }
}

// libsql binds a number as REAL and a bigint as INTEGER.
function toSqlite(parameters: readonly unknown[]): unknown[] {
  return parameters.map((value) => {
    checkStorable(value);
    return typeof value === 'number' ? BigInt(value) : value;
  });
}

/** Makes objects of rows. The names are asked for once, and again when a changed schema gives more or fewer of them. */
function rowMaker(statement: Libsql.Statement<unknown[]>): (values: readonly unknown[]) => Record<string, unknown> {
  let names: readonly string[] = [];
  return (values) => {
    if (names.length !== values.length) names = statement.columns().map(({ name }) => name);
    const row: Record<string, unknown> = {};
    for (let at = 0; at < values.length; at += 1) row[names[at] as string] = fromSqlite(values[at]);
    return row;
  };
}

// libsql gives bytes as ArrayBuffer in some ways of asking; pg gives a Buffer.
const fromSqlite = (value: unknown): unknown => (value instanceof ArrayBuffer ? Buffer.from(value) : value);
