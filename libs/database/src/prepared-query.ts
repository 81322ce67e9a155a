import type { Compilable, CompiledQuery, DialectAdapter, QueryResult } from 'kysely';
import type { Reader, Writer } from './database.js';

/** Stands in a query for a value that is given later. */
class Gap {
  constructor(readonly name: string) {}
}

interface OfOneRow extends CompiledQuery {
  readonly ofOneRow: true;
}

export const isOfOneRow = (query: CompiledQuery): boolean => (query as Partial<OfOneRow>).ofOneRow === true;

/**
 * A query of which only the values change. Kysely builds and compiles it once for each engine, which costs more than
 * running most queries; afterwards values are filled in by name.
 * @example
 * const FIND = new PreparedQuery((db, { id }: { id: string }) => db.selectFrom('runs').selectAll().where('id', '=', id));
 * const run = await FIND.first(db.read, { id });
 */
export class PreparedQuery<Values extends object, Row> {
  readonly #compiled = new WeakMap<DialectAdapter, CompiledQuery<Row>>();

  /** @param build makes the query of the values that it is given, and must put them where Kysely takes a value. */
  constructor(private readonly build: (db: Reader, values: Values) => Compilable<Row>) {}

  async all(db: Reader | Writer, values: Values): Promise<Row[]> {
    return (await db.executeQuery(this.#bind(db, values))).rows;
  }

  /** For a query that gives one row at most. */
  async first(db: Reader | Writer, values: Values): Promise<Row | undefined> {
    const query: CompiledQuery<Row> & OfOneRow = { ...this.#bind(db, values), ofOneRow: true };
    return (await db.executeQuery<Row>(query)).rows[0];
  }

  /** @returns how many rows were written */
  async run(db: Writer, values: Values): Promise<number> {
    const { numAffectedRows }: QueryResult<Row> = await db.executeQuery(this.#bind(db, values));
    return Number(numAffectedRows ?? 0n);
  }

  #bind(db: Reader | Writer, values: Values): CompiledQuery<Row> {
    const compiled = this.#compile(db);
    const given = values as Readonly<Record<string, unknown>>;
    return { ...compiled, parameters: compiled.parameters.map((p) => (p instanceof Gap ? given[p.name] : p)) };
  }

  #compile(db: Reader | Writer): CompiledQuery<Row> {
    const { adapter } = db.getExecutor();
    const known = this.#compiled.get(adapter);
    if (known) return known;
    const compiled = this.build(db, GAPS as Values).compile();
    this.#compiled.set(adapter, compiled);
    return compiled;
  }
}

/** Gives a gap for any name that is asked for. */
const GAPS: object = new Proxy({}, { get: (_, name) => new Gap(String(name)) });

/** Prepared queries of one kind that differ in their columns or in how many values they take, made as they are needed. */
export class PreparedFamily<Shape, Values extends object, Row> {
  readonly #members = new Map<string, PreparedQuery<Values, Row>>();

  constructor(private readonly build: (shape: Shape, db: Reader, values: Values) => Compilable<Row>) {}

  /** @param key tells the shape from all others; there must be few of them */
  of(key: string, shape: Shape): PreparedQuery<Values, Row> {
    const known = this.#members.get(key);
    if (known) return known;
    const made = new PreparedQuery<Values, Row>((db, values) => this.build(shape, db, values));
    if (this.#members.size >= MOST_MEMBERS) this.#members.clear();
    this.#members.set(key, made);
    return made;
  }
}

const MOST_MEMBERS = 200;
