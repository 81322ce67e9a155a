import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, type CliResult } from './support/program.js';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const KEY = 'k'.repeat(43);
const HTML = '<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>';
const PAGE: RequestListener = (_request, response) =>
  void response.writeHead(502, { 'content-type': 'text/html' }).end(HTML);

const listen = async (server: NetServer): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};
const status = (url: string, env: Record<string, string> = {}): Promise<CliResult> =>
  runCli(['status'], { ORCHESTRATOR_URL: url, SCRIPT_MESH_API_KEY: KEY, ...env });

/** What was told: what happened, why and what to do, with the code for "unreachable"; no stack trace and no key. */
function explanation({ code, stdout, stderr }: CliResult): string {
  const isReadable = /^scriptmesh: .+\n {2}why: .+\n {2}do: {2}.+\n$/.test(stderr) && !stderr.includes(KEY);
  return code === 6 && stdout === '' && isReadable ? stderr : `not readable, with code ${code}:\n${stdout}${stderr}`;
}
describe('the command line towards something that is no orchestrator', () => {
  it('explains the HTML page of a proxy', async () => {
    const server = createHttpServer(PAGE);
    const url = `http://127.0.0.1:${await listen(server)}`;
    const text = explanation(await status(url));
    expect(text).toContain(`${url} answered 502 with an HTML page`);
    expect(text).toContain('do:  Check that the orchestrator runs behind that proxy');
    server.close();
  });

  it('explains a refused connection', async () => {
    const server = createHttpServer(PAGE);
    const url = `http://127.0.0.1:${await listen(server)}`;
    await new Promise((resolve) => server.close(resolve));
    const text = explanation(await status(url));
    expect(text).toContain('connection refused');
    expect(text).toContain('do:  Start it with "scriptmesh orchestrator start"');
  });
});

describe.skipIf(!hasOpenssl)(
  'the command line towards TLS (skipped where openssl, which makes certificates, is missing)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'scriptmesh-tls-'));
    const at = (name: string): string => join(folder, name);
    const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    const servers: Server[] = [];
    const serve = async (certificate: string): Promise<string> => {
      const server = createServer({ key: readFileSync(at('leaf.key')), cert: readFileSync(at(certificate)) }, PAGE);
      servers.push(server);
      return `https://127.0.0.1:${await listen(server)}`;
    };

    /** An authority signs a certificate between two dates (YYMMDDhhmmssZ), which only `openssl ca` can do everywhere. */
    const sign = (name: string, host: string, from: string, until: string): void => {
      writeFileSync(at('index.txt'), '');
      writeFileSync(at('names.cnf'), `subjectAltName=${host}\n`);
      openssl('req', '-new', '-key', 'leaf.key', '-subj', `/CN=${name}`, '-out', `${name}.csr`);
      const dates = ['-startdate', from, '-enddate', until];
      openssl(
        'ca',
        '-batch',
        '-config',
        'ca.cnf',
        '-in',
        `${name}.csr`,
        '-out',
        `${name}.pem`,
        '-extfile',
        'names.cnf',
        '-notext',
        ...dates,
      );
    };

    beforeAll(() => {
      const rules =
        'certificate=ca.pem\nprivate_key=ca.key\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256';
      writeFileSync(at('ca.cnf'), `[ca]\ndefault_ca=own\n[own]\n${rules}\npolicy=any\n[any]\ncommonName=supplied\n`);
      for (const name of ['ca', 'leaf'])
        openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`);
      openssl('req', '-x509', '-key', 'ca.key', '-subj', '/CN=test authority', '-days', '3650', '-out', 'ca.pem');
      sign('expired', 'IP:127.0.0.1', '200101000000Z', '210101000000Z');
      sign('early', 'IP:127.0.0.1', '480101000000Z', '490101000000Z');
      sign('elsewhere', 'DNS:other.example', '200101000000Z', '490101000000Z');
      sign('good', 'IP:127.0.0.1', '200101000000Z', '490101000000Z');
    });
    afterAll(() => {
      for (const server of servers) server.close();
      rmSync(folder, { recursive: true });
    });

    it.each([
      ['expired', 'its certificate has expired', 'Renew the certificate'],
      ['early', 'its certificate is not valid yet', 'clocks'],
      ['elsewhere', 'its certificate is for another host name', '--url'],
    ])('explains a certificate that is %s', async (name, why, todo) => {
      const text = explanation(await status(await serve(`${name}.pem`), { NODE_EXTRA_CA_CERTS: at('ca.pem') }));
      expect(text).toContain(why);
      expect(text).toContain(todo);
    });

    it('explains an authority that it does not know, and trusts it when told so', async () => {
      const url = await serve('good.pem');
      const text = explanation(await status(url));
      expect(text).toContain('unknown authority');
      expect(text).toContain('NODE_EXTRA_CA_CERTS');
      expect(explanation(await status(url, { NODE_EXTRA_CA_CERTS: at('ca.pem') }))).toContain('an HTML page');
    });
  },
);
