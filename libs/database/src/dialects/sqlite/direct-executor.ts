import { DefaultQueryExecutor, SqliteAdapter, SqliteQueryCompiler, type CompiledQuery, type QueryResult } from 'kysely';
import { isOfOneRow } from '../../prepared-query.js';
import type { SqliteConnection } from './sqlite-connection.js';

const NO_ROWS: readonly never[] = [];

/**
 * Runs what Kysely has compiled, at once and on one connection. Kysely's own way to a connection goes through a lock
 * that wakes everybody who waits at each release, and through a dozen promises: for a library that answers before it
 * returns, both cost more than the statement.
 */
export class DirectExecutor extends DefaultQueryExecutor {
  #ended = false;

  constructor(private readonly connection: SqliteConnection) {
    super(new SqliteQueryCompiler(), ADAPTER, { provideConnection: refuse });
  }

  /** From now on it refuses: the transaction that it served is over. */
  end(): void {
    this.#ended = true;
  }

  override async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#ended) throw new Error('a query came after the end of its transaction');
    const statement = this.connection.prepare(query.sql);
    if (statement.reader) {
      return { rows: (isOfOneRow(query) ? statement.first(query.parameters) : statement.all(query.parameters)) as R[] };
    }
    const { changes, lastInsertRowid } = statement.run(query.parameters);
    return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: NO_ROWS as unknown as R[] };
  }
}

/** One for all, so that what is kept for an engine is found again. */
const ADAPTER = new SqliteAdapter();

const refuse = (): never => {
  throw new Error('streams and transactions of Kysely are not for this connection: use Database.write');
};
