import Libsql from 'libsql';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { checkStorable } from '../../storable-value.js';
import { toStoreError } from './sqlite-errors.js';

const KEPT_STATEMENTS = 256;

/**
 * One libsql connection as Kysely wants it. It keeps prepared statements (preparing costs more than running most of
 * them), lets nothing through that libsql would cut or die of, and speaks MeshError for faults of disk and file.
 */
export class SqliteConnection implements SqliteDatabase {
  readonly #libsql: Libsql.Database;
  readonly #statements = new Map<string, SqliteStatement>();
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

  prepare(sql: string): SqliteStatement {
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

  #guardStatement(statement: Libsql.Statement<unknown[]>): SqliteStatement {
    return {
      reader: statement.reader,
      all: (parameters) => this.#guard(() => statement.all(toSqlite(parameters)).map(fromSqlite)),
      run: (parameters) => this.#guard(() => statement.run(toSqlite(parameters))),
      iterate: (parameters) => this.#guard(() => statement.all(toSqlite(parameters)).map(fromSqlite)).values(),
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

// libsql gives bytes as ArrayBuffer; pg gives a Buffer.
function fromSqlite(row: unknown): unknown {
  const fields = row as Record<string, unknown>;
  for (const name in fields) {
    if (fields[name] instanceof ArrayBuffer) fields[name] = Buffer.from(fields[name]);
  }
  return fields;
}
