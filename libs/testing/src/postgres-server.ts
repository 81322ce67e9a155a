import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, cp, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findPostgres, type FoundPostgres } from './postgres-binaries.js';
import { freePort } from './free-port.js';
import { WATCHED_PROGRAM } from './watched-program.js';

const runProgram = promisify(execFile);
const READY = 'database system is ready to accept connections';

export interface TestPostgres {
  /** `postgres://...` of the server's own database. */
  readonly url: string;
  /** Makes an empty database and gives its address. */
  freshDatabaseUrl(): Promise<string>;
  /** Stops the server and removes its files. */
  stop(): Promise<void>;
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * A real PostgreSQL with a fresh data folder on a free port of 127.0.0.1, without fsync: for tests only.
 * It ends with the process that started it, however that ends.
 * @throws Error when this machine has none, or it does not start
 */
export async function startPostgres(found: FoundPostgres = findPostgres()): Promise<TestPostgres> {
  if ('missing' in found) throw new Error(found.missing);
  const account = await findAccount();
  const folder = await mkdtemp(join(tmpdir(), 'scriptmesh-pg-'));
  if (account) await chown(folder, account.uid, account.gid);
  const binaries = account ? await reachable(found.folder, folder) : found.folder;
  const data = join(folder, 'data');
  await runProgram(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    {
      ...account,
      cwd: folder,
      env: { LC_ALL: 'C' },
    },
  );
  const port = await freePort();
  const stop = await startServer({ binaries, folder, data, port, account });
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return { url, stop, freshDatabaseUrl: () => createDatabase(url) };
}

// PostgreSQL refuses to run as root.
async function findAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const account = ['postgres', 'nobody'].map((name) => accounts.find((fields) => fields[0] === name)).find(Boolean);
  if (!account) throw new Error('PostgreSQL does not run as root, and there is no user "postgres" or "nobody"');
  return { uid: Number(account[2]), gid: Number(account[3]) };
}

/** The other user may not be able to enter the folder of this repository (such as /root): then it gets a copy. */
async function reachable(binaries: string, folder: string): Promise<string> {
  for (let at = binaries; at !== dirname(at); at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) {
      await cp(dirname(binaries), join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
      await chmod(join(folder, 'native'), 0o755);
      return join(folder, 'native', 'bin');
    }
  }
  return binaries;
}

interface ServerPlace {
  readonly binaries: string;
  readonly folder: string;
  readonly data: string;
  readonly port: number;
  readonly account: Account | undefined;
}

async function startServer({ binaries, folder, data, port, account }: ServerPlace): Promise<() => Promise<void>> {
  const settings = [
    'fsync=off',
    'full_page_writes=off',
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
  ];
  const flags = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  const server = spawn('sh', ['-c', WATCHED_PROGRAM, 'sh', join(binaries, 'postgres'), ...flags], {
    ...account,
    cwd: '/',
    env: { PATH: process.env['PATH'], FOLDER: folder, LC_ALL: 'C' },
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  const ended = once(server, 'exit');
  let log = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr.on('data', (chunk: Buffer) => {
      if (log.length < 10_000) log += chunk.toString();
      if (log.includes(READY)) resolve();
    });
    void ended.then(() => reject(new Error(`PostgreSQL ended at its start:\n${log}`)));
  });
  return async () => {
    server.stdin.end();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
}

async function createDatabase(url: string): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const { Client } = await import('pg');
  const connection = new Client({ connectionString: url });
  await connection.connect();
  // A locale that orders otherwise than by bytes, as most servers have: a query that relies on the locale shows.
  await connection.query(`create database ${name} template template0 locale_provider icu icu_locale 'en-US'`);
  await connection.end();
  return url.replace(/\/postgres$/, `/${name}`);
}
