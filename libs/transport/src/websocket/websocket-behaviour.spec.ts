import { createServer as createTlsServer } from 'node:https';
import { createServer as createPlainServer, type AddressInfo } from 'node:net';
import type { AgentId } from '@scriptmesh/contracts';
import { CERTIFICATE, MemoryLogger, MovedClock, PRIVATE_KEY } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultyWire } from './test-support/faulty-wire.js';
import { SocketServer } from './test-support/socket-server.js';
import { WebSocketAgentLink } from './websocket-agent-link.js';
import { WebSocketOrchestratorLink } from './websocket-orchestrator-link.js';

const agentId = '019b7600-0000-7000-8000-000000000001' as AgentId;
const key = 'k'.repeat(40);
const address = { agentId, url: null, key };
const identity = { agentId, key };
const frames = [Buffer.from('a frame')];

describe('the websocket links', () => {
  let clock: MovedClock;
  let log: MemoryLogger;
  let status: number;
  let agentLink: WebSocketAgentLink;
  let server: SocketServer;
  let wire: FaultyWire;
  const dialled: WebSocketOrchestratorLink[] = [];

  beforeEach(async () => {
    clock = new MovedClock();
    log = new MemoryLogger();
    status = 101;
    agentLink = new WebSocketAgentLink({ clock });
    agentLink.onFrames(() => Promise.resolve([]));
    server = await SocketServer.start(
      () => status,
      (upgrade) => agentLink.accept(agentId, upgrade),
    );
    wire = await FaultyWire.start(server.port);
  });
  afterEach(async () => {
    await wire.stop();
    await Promise.all([agentLink.close(), ...dialled.splice(0).map((link) => link.close())]);
    await server.stop();
  });

  function linkTo(orchestratorUrl = wire.url, fraction = 0.5): WebSocketOrchestratorLink {
    const link = new WebSocketOrchestratorLink({
      clock,
      logger: log,
      ids: { fraction: () => fraction },
      orchestratorUrl,
    });
    link.onFrames(() => Promise.resolve([]));
    dialled.push(link);
    return link;
  }
  const reach = () => agentLink.reach(address);
  const eventsOf = (event: string) => log.entries.filter((line) => line.event === event);

  it('gives a socket up when two pings in a row bring no sign', async () => {
    await linkTo().send(identity, frames);
    expect(reach()).toBe('here');
    wire.freeze();
    await clock.advance(44_000);
    expect(reach()).toBe('here');
    await clock.advance(1_000);
    await expect.poll(reach).toBe('none');
  });

  it('keeps a quiet socket open as long as pings are answered', async () => {
    await linkTo().send(identity, frames);
    for (let count = 0; count < 20; count += 1) {
      const before = wire.carriedBytes;
      await clock.advance(15_000);
      // Both sides ping, and both pongs come back: of 2 bytes each, and of 6 towards the orchestrator.
      await expect.poll(() => wire.carriedBytes - before).toBe(16);
    }
    expect([reach(), server.asked]).toEqual(['here', 1]);
  });

  it('dials again after a pause within a growing bound, and soon again after a socket that lasted', async () => {
    const link = linkTo();
    status = 503;
    const waits: unknown[] = [];
    for (let count = 0; count < 10; count += 1) {
      await link.send(identity, frames);
      await expect.poll(() => eventsOf('transport.not-connected')).toHaveLength(count + 1);
      const wait = eventsOf('transport.not-connected').at(-1)?.fields['retryInMs'] as number;
      waits.push(wait);
      if (count < 9) await clock.advance(wait);
    }
    expect(waits).toEqual([125, 250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
    status = 101;
    await clock.advance(15_000);
    await expect.poll(reach).toBe('here');
    await clock.advance(12_000);
    const before = wire.carriedBytes;
    await clock.advance(18_000);
    await expect.poll(() => wire.carriedBytes).toBeGreaterThan(before);
    wire.reset();
    await expect.poll(reach).toBe('none');
    await expect.poll(() => eventsOf('transport.disconnected')).toHaveLength(1);
    await clock.advance(125);
    await expect.poll(reach).toBe('here');
  });

  it('waits long when another program has taken its place, instead of turning it out', async () => {
    const [first, second] = [linkTo(), linkTo()];
    await first.send(identity, frames);
    await second.send(identity, frames);
    await expect.poll(() => eventsOf('transport.replaced')).toHaveLength(1);
    await clock.advance(14_999);
    expect([await first.send(identity, frames), await second.send(identity, frames)]).toEqual(['not-sent', 'sent']);
    expect(server.asked).toBe(2);
  });

  it.each([401, 403, 404])('takes a %i for having been forgotten, and dials for the next send', async (refusal) => {
    const link = linkTo();
    let forgotten = 0;
    link.onForgotten(() => (forgotten += 1));
    status = refusal;
    expect(await link.send(identity, frames)).toBe('not-sent');
    expect(forgotten).toBe(1);
    status = 101;
    expect(await link.send(identity, frames)).toBe('sent');
  });

  it('dials anew as soon as it is somebody else', async () => {
    const link = linkTo();
    await link.send(identity, frames);
    expect(await link.send({ ...identity, key: 'another key' }, frames)).toBe('sent');
    expect(server.asked).toBe(2);
  });

  it('sends nothing more to a side that does not read', async () => {
    await linkTo().send(identity, frames);
    wire.freeze();
    const large = [Buffer.alloc(4 * 1024 * 1024)];
    const verdicts = Array.from({ length: 12 }, () => agentLink.send(address, large));
    expect(await Promise.race([verdicts.at(-1), clock.advance(0)])).toBe('not-sent');
    const closed = agentLink.close();
    await clock.advance(1000);
    await closed;
    expect(new Set(await Promise.all(verdicts))).toEqual(new Set(['unknown', 'not-sent']));
  });

  it('says unknown when no answer comes in time', async () => {
    await linkTo().send(identity, frames);
    wire.freeze();
    const verdict = agentLink.send(address, frames);
    await clock.advance(3000);
    expect(await verdict).toBe('unknown');
  });

  it('tells who subscribes late that the other side is there', async () => {
    const link = linkTo();
    await link.send(identity, frames);
    const seen: string[] = [];
    link.onPresence((present) => seen.push(`orchestrator ${present}`));
    agentLink.onPresence((agent, present) => seen.push(`${agent} ${present}`));
    expect(seen).toEqual(['orchestrator true', `${agentId} true`]);
  });

  it.each([
    ['a certificate that nobody vouches for', 'https', /SELF_SIGNED|self.signed/i, 'NODE_EXTRA_CA_CERTS'],
    ['a port without TLS', 'plain', /EPROTO|WRONG_VERSION|wrong version/i, 'http and https'],
    ['a port where nobody listens', 'nobody', /ECONNREFUSED/, 'is running'],
  ])('says readably why it cannot connect: %s', async (_case, kind, why, hint) => {
    const other =
      kind === 'https'
        ? createTlsServer({ key: PRIVATE_KEY, cert: CERTIFICATE })
        : createPlainServer((socket) =>
            socket
              .resume()
              .on('error', () => {})
              .end('HTTP/1.1 400 No\r\n\r\n'),
          );
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const close = () => new Promise((resolve) => other.close(resolve));
    if (kind === 'nobody') await close();
    expect(await linkTo(`https://127.0.0.1:${port}`).send(identity, frames)).toBe('not-sent');
    const fields = eventsOf('transport.not-connected')[0]?.fields;
    expect(fields?.['why']).toMatch(why);
    expect(fields?.['hint']).toContain(hint);
    expect(JSON.stringify(log.entries)).not.toContain(key);
    if (kind !== 'nobody') await close();
  });
});
