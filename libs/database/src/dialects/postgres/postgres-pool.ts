import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { Pool, types, type PoolClient } from 'pg';
import { checkStorable } from '../../storable-value.js';
import { toStoreError } from './postgres-errors.js';

const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const BIGINT = 20;
const NUMERIC = 1700;

interface PoolOptions {
  readonly url: string;
  /** `set` statements, without the word, run on each new connection. */
  readonly settings: readonly string[];
  readonly onConnectionLost: (error: Error) => void;
}

/** A pool of pg as Kysely wants it, that checks values and speaks MeshError for faults of server and connection. */
export class GuardedPool implements PostgresPool {
  readonly #pool: Pool;
  readonly #settings: string;
  readonly #prepared = new WeakSet<PoolClient>();

  constructor({ url, settings, onConnectionLost }: PoolOptions) {
    this.#pool = new Pool({
      connectionString: url,
      max: MAX_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      types: { getTypeParser },
      // Finds out a server that went away without a word.
      keepAlive: true,
      application_name: 'scriptmesh',
    });
    this.#settings = settings.map((setting) => `set ${setting}`).join('; ');
    this.#pool.on('error', onConnectionLost);
    // A connection in use has no listener of the pool's: without this one its loss would end the whole process.
    this.#pool.on('connect', (client) => client.on('error', onConnectionLost));
  }

  async connect(): Promise<PostgresPoolClient> {
    const client = await guard(() => this.#pool.connect());
    try {
      await this.#prepare(client);
    } catch (error) {
      client.release(true);
      throw error;
    }
    return {
      query: ((text: string, parameters: readonly unknown[] = []) => {
        parameters.forEach(checkStorable);
        return guard(() => client.query(text, [...parameters]));
      }) as unknown as PostgresPoolClient['query'],
      release: () => client.release(),
    };
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }

  async #prepare(client: PoolClient): Promise<void> {
    if (this.#prepared.has(client)) return;
    await guard(() => client.query(this.#settings));
    this.#prepared.add(client);
  }
}

// pg gives bigint and sums of them as text; all of ours are below 2^53.
function getTypeParser(type: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (type === BIGINT || type === NUMERIC) return Number;
  return types.getTypeParser(type, format as 'text') as (value: string) => unknown;
}

async function guard<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw toStoreError(error);
  }
}
