import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { CERTIFICATE, PRIVATE_KEY } from '@scriptmesh/testing';
import { until } from './program.js';

/** The real nginx of this machine; undefined when there is none. */
export const NGINX = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  .map((folder) => join(folder, 'nginx'))
  .find((path) => existsSync(path));

/** nginx in front of an orchestrator, with the locations of docs/specs/websocket.md. */
export class Nginx {
  readonly #folder = mkdtempSync(join(tmpdir(), 'scriptmesh-nginx-'));
  readonly #child: ChildProcess;

  private constructor(
    readonly urls: Readonly<Record<'http' | 'https', string>>,
    configuration: string,
  ) {
    writeFileSync(this.certificateFile, CERTIFICATE);
    writeFileSync(join(this.#folder, 'key.pem'), PRIVATE_KEY, { mode: 0o600 });
    mkdirSync(join(this.#folder, 'logs'));
    writeFileSync(join(this.#folder, 'nginx.conf'), configuration);
    this.#child = spawn(NGINX ?? 'nginx', ['-p', this.#folder, '-e', 'logs/error.log', '-c', 'nginx.conf'], {
      stdio: 'ignore',
    });
  }

  get certificateFile(): string {
    return join(this.#folder, 'certificate.pem');
  }

  /** @param target as in `http://127.0.0.1:8000` */
  static async start(target: string): Promise<Nginx> {
    const [plain, tls] = [await freePort(), await freePort()];
    const urls = { http: `http://127.0.0.1:${plain}`, https: `https://localhost:${tls}` };
    const nginx = new Nginx(urls, configurationOf(plain, tls, target));
    await until('nginx', () =>
      fetch(`${nginx.urls.http}/livez`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    return nginx;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGTERM');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const configurationOf = (plain: number, tls: number, target: string): string => `
daemon off;
worker_processes 1;
pid nginx.pid;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {
    listen 127.0.0.1:${plain};
    listen 127.0.0.1:${tls} ssl;
    ssl_certificate certificate.pem;
    ssl_certificate_key key.pem;
    location ~ ^/api/v1/agents/[^/]+/socket$ {
      proxy_pass ${target};
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
    }
    location / {
      proxy_pass ${target};
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Connection "";
    }
  }
}
`;

/** nginx cannot be asked which port it took, so one that is free just now has to do. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
