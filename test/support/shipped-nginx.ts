import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { runNginx, type TestNginx } from '@scriptmesh/testing';
import { ROOT } from './program.js';

const SHIPPED = join(ROOT, 'ops/nginx');

interface Options {
  /** The orchestrators, as in `127.0.0.1:8000`. */
  readonly upstreams: readonly string[];
  /** Agents have to show a certificate of the authority `agents-ca`. */
  readonly agentCertificates?: boolean;
}

/** nginx with the configuration of ops/nginx, in which only places and ports are those of the test. */
export class ShippedNginx {
  private constructor(
    readonly port: number,
    readonly certificates: Certificates,
    readonly nginx: TestNginx,
  ) {}

  get url(): string {
    return `https://localhost:${this.port}`;
  }

  static async start(certificates: Certificates, options: Options): Promise<ShippedNginx> {
    const nginx = await runNginx((folder, port) => render(folder, port, certificates.folder, options));
    return new ShippedNginx(Number(new URL(nginx.url).port), certificates, nginx);
  }

  dial(options: ConnectionOptions = {}): Promise<TLSSocket> {
    return dialTls({ port: this.port, ca: this.certificates.ca, ...options });
  }

  stop(): Promise<void> {
    return this.nginx.stop();
  }
}

/** A connection that has been made, or the error of making it. */
export function dialTls(options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', servername: 'localhost', ...options });
    socket.once('secureConnect', () => resolve(socket)).once('error', reject);
  });
}

/** What ops/nginx/make-certificates.sh makes, and certificates of clients. */
export class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), 'scriptmesh-tls-'));

  constructor() {
    execFileSync('sh', [join(SHIPPED, 'make-certificates.sh'), this.folder], { stdio: 'pipe' });
  }

  get caFile(): string {
    return join(this.folder, 'ca.pem');
  }
  get ca(): string {
    return readFileSync(this.caFile, 'utf8');
  }

  /** An authority, and a certificate of a client signed by it. */
  makeClient(authority: string): { readonly cert: string; readonly key: string } {
    const place = join(this.folder, authority);
    const openssl = (...words: string[]): Buffer => execFileSync('openssl', words, { stdio: 'pipe' });
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
    openssl('req', '-x509', ...newKey, '-keyout', `${place}.key`, '-out', `${place}.pem`, '-subj', `/CN=${authority}`);
    openssl('req', ...newKey, '-keyout', `${place}-client.key`, '-out', `${place}.csr`, '-subj', '/CN=agent');
    openssl(
      'x509',
      '-req',
      '-in',
      `${place}.csr`,
      '-CA',
      `${place}.pem`,
      '-CAkey',
      `${place}.key`,
      '-CAcreateserial',
      '-out',
      `${place}-client.pem`,
    );
    return { cert: readFileSync(`${place}-client.pem`, 'utf8'), key: readFileSync(`${place}-client.key`, 'utf8') };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function render(folder: string, port: number, certificates: string, { upstreams, agentCertificates }: Options): string {
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  const replaced = (text: string, ...pairs: readonly (readonly [string, string])[]): string =>
    pairs.reduce((before, [from, to]) => {
      if (!before.includes(from)) throw new Error(`ops/nginx has no longer "${from}"`);
      return before.replaceAll(from, to);
    }, text);
  const read = (file: string): string => readFileSync(join(SHIPPED, file), 'utf8');
  writeFileSync(
    join(folder, 'scriptmesh.conf'),
    replaced(
      read('scriptmesh.conf'),
      ['listen 443 ', `listen 127.0.0.1:${port} `],
      ['/etc/scriptmesh/tls/', `${certificates}/`],
      ['server orchestrator:8000 ', upstreams.map((one) => `server ${one} `).join('max_fails=1 fail_timeout=5s;\n  ')],
      ['#include client-certificates.conf;', agentCertificates ? 'include client-certificates.conf;' : ''],
    ),
  );
  writeFileSync(
    join(folder, 'client-certificates.conf'),
    replaced(read('client-certificates.conf'), ['/etc/scriptmesh/tls/', `${certificates}/`]),
  );
  const main = replaced(
    read('nginx.conf'),
    ['/tmp/', `${temporary}/`],
    ['worker_processes auto;', 'master_process off;'],
    ['/dev/stdout', 'off'],
  );
  return main.replace('access_log off scriptmesh', 'access_log off');
}
