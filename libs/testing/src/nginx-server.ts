import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from './free-port.js';
import { WATCHED_PROGRAM } from './watched-program.js';

/** Debian puts it where the path of an ordinary user does not lead. */
const DEBIAN = '/usr/sbin';

/** The program, or why there is none. */
export type FoundNginx = { readonly program: string } | { readonly missing: string };

export function findNginx(path: string = process.env['PATH'] ?? ''): FoundNginx {
  const places = [...path.split(delimiter), DEBIAN].filter(Boolean).map((folder) => join(folder, 'nginx'));
  const program = places.find((place) => existsSync(place));
  return program === undefined ? { missing: 'no nginx on this machine' } : { program };
}

export interface TestNginx {
  readonly url: string;
  /** What it has written into its error log. */
  readonly log: () => string;
  stop(): Promise<void>;
}

interface ProxyOptions {
  /** The server behind it, as in `http://127.0.0.1:40123`. */
  readonly target: string;
  /** Directives for `location /`, beside `proxy_pass`. */
  readonly directives: readonly string[];
}

/**
 * A real nginx as a reverse proxy on a free port of 127.0.0.1. It ends with the process that started it.
 * @throws Error when there is none, or it does not start
 */
export async function startNginx({ target, directives }: ProxyOptions, found = findNginx()): Promise<TestNginx> {
  return runNginx((folder, port) => configuration(folder, port, target, directives), found);
}

/**
 * The same with a configuration of one's own, which listens on the given port and keeps its files in the given folder.
 * One process (`master_process off`) needs no other user. `url` is one of http.
 */
export async function runNginx(
  configure: (folder: string, port: number) => string,
  found = findNginx(),
): Promise<TestNginx> {
  if ('missing' in found) throw new Error(found.missing);
  const folder = await mkdtemp(join(tmpdir(), 'scriptmesh-nginx-'));
  const port = await freePort();
  await writeFile(join(folder, 'nginx.conf'), configure(folder, port));
  const flags = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'];
  const server = spawn('sh', ['-c', WATCHED_PROGRAM, 'sh', found.program, ...flags], {
    env: { PATH: process.env['PATH'], FOLDER: folder },
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  let log = '';
  server.stderr.on('data', (chunk: Buffer) => (log = `${log}${chunk.toString()}`.slice(-20_000)));
  const ended = once(server, 'exit');
  const stop = async (): Promise<void> => {
    server.stdin.end();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const isUp = await Promise.race([listens(port), ended.then(() => false)]);
  if (isUp) return { url: `http://127.0.0.1:${port}`, log: () => log, stop };
  await stop();
  throw new Error(`nginx ended at its start:\n${log}`);
}

// One process: it needs no other user, and nothing is left when it ends.
const configuration = (folder: string, port: number, target: string, directives: readonly string[]): string => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${target};
      ${directives.map((directive) => `${directive};`).join('\n      ')}
    }
  }
}
`;

/** Resolves when the port takes connections; ends with the caller's race, whatever becomes of the port. */
async function listens(port: number): Promise<boolean> {
  for (let tries = 0; tries < 500; tries += 1) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}
