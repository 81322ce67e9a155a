import type { StoreFacts } from '../../store-facts.js';
import { findFault, withConnection } from './database-file.js';

/** @throws MeshError store/unavailable when the file cannot be read */
export const examineFile = (file: string): StoreFacts =>
  withConnection(file, (connection) => {
    const fault = findFault(connection);
    if (fault !== undefined) return { fault, schema: 0, meta: {} };
    const rows = <T>(query: string) => connection.prepare(query).all([]) as T[];
    const [found] = rows<{ newest: number }>('select max(number) as newest from schema_migrations');
    const meta = rows<{ key: string; value: string }>('select key, value from meta');
    return { schema: found?.newest ?? 0, meta: Object.fromEntries(meta.map(({ key, value }) => [key, value])) };
  });
