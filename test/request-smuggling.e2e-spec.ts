import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { findNginx } from '@scriptmesh/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CROOKED_REQUESTS, fillIn } from './support/crooked-requests.js';
import { Mesh } from './support/mesh.js';
import { dialPlain, rawExchange, statusesOf } from './support/raw-exchange.js';
import { Certificates, ShippedNginx } from './support/shipped-nginx.js';

const found = findNginx();
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const missing = 'missing' in found ? found.missing : hasOpenssl ? undefined : 'no openssl on this machine';
const reason = missing === undefined ? '' : ` (skipped: ${missing})`;

/** Answers that say that the bytes are no request, rather than what became of one. */
const REFUSALS = new Set([400, 417, 501]);

/** Where one of the two is stricter. All else is refused by both, or read by both as the same requests. */
const DIFFERENCES: Readonly<Record<string, 'nginx refuses' | 'nginx mends'>> = {
  'two Hosts': 'nginx refuses',
  'dots beyond the root': 'nginx refuses',
  'an encoded NUL': 'nginx refuses',
  'a half of an escape': 'nginx refuses',
  'no version': 'nginx refuses',
  'an asterisk': 'nginx refuses',
  // nginx writes each request anew before it hands it on, so what the orchestrator gets is straight.
  'chunks with an extension and a bare LF': 'nginx mends',
  'chunks with a trailer of importance': 'nginx mends',
  'bare LF in the head': 'nginx mends',
  'a header without a colon': 'nginx mends',
  'an unknown version': 'nginx mends',
  'Expect of an unknown kind': 'nginx mends',
};

interface Reading {
  /** Of each answer that came back. */
  readonly statuses: readonly number[];
  /** That a handler of the orchestrator was given. */
  readonly requests: number;
}

function compare(direct: Reading, through: Reading): string {
  const [own, handedOn] = [direct, through].map(({ statuses }) => statuses.filter((one) => !REFUSALS.has(one)));
  if (String(own) === String(handedOn)) return 'the same';
  if (handedOn?.length === 0) return 'nginx refuses';
  return own?.length === 0 ? 'nginx mends' : `${String(own)} became ${String(handedOn)}`;
}

describe.skipIf(reason !== '')(`what nginx and the orchestrator make of crooked requests${reason}`, () => {
  const mesh = new Mesh();
  let certificates: Certificates;
  let nginx: ShippedNginx;
  beforeAll(async () => {
    mkdirSync(mesh.orchestratorHome, { recursive: true });
    await mesh.startOrchestrator({ SCRIPT_MESH_BAD_KEYS_PER_MINUTE: '100000' });
    certificates = new Certificates();
    nginx = await ShippedNginx.start(certificates, { upstreams: [new URL(mesh.url).host] });
  });
  afterAll(async () => {
    await nginx?.stop();
    await mesh.stop();
    certificates?.remove();
  });

  async function countRequests(): Promise<number> {
    const text = await (await mesh.call('GET', '/metrics')).text();
    return [...text.matchAll(/^scriptmesh_http_requests_total\{(.*)\} (\d+)$/gm)]
      .filter(([, labels]) => !labels?.includes('route="/metrics"'))
      .reduce((sum, [, , count]) => sum + Number(count), 0);
  }
  async function read(dial: () => Promise<Parameters<typeof rawExchange>[0]>, bytes: string): Promise<Reading> {
    const before = await countRequests();
    const statuses = statusesOf(await rawExchange(await dial(), fillIn(bytes, mesh.mainKey)));
    return { statuses, requests: (await countRequests()) - before };
  }

  it.each(CROOKED_REQUESTS)('%s', async (name, bytes) => {
    const direct = await read(async () => dialPlain(mesh.url), bytes);
    const through = await read(() => nginx.dial({ ALPNProtocols: ['http/1.1'] }), bytes);
    expect(compare(direct, through)).toBe(DIFFERENCES[name] ?? 'the same');
    // One more than was answered would be one that was smuggled in.
    for (const { statuses, requests } of [direct, through]) expect(requests).toBeLessThanOrEqual(statuses.length);
  });

  it('reads the second request where the first one ends, on either way', async () => {
    const [, bytes] = CROOKED_REQUESTS.find(([name]) => name === 'chunks with an extension') ?? [];
    const through = await read(() => nginx.dial({ ALPNProtocols: ['http/1.1'] }), bytes ?? '');
    expect(through).toEqual({ statuses: [404, 401], requests: 2 });
  });
});
