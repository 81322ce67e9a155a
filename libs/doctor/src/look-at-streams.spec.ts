import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { lookAtStreams } from './look-at-streams.js';
import { SmallServer } from './test-support/small-server.js';

const EVENT = (name: string): string => `event: ${name}\ndata: {}\n\n`;

describe('a look at streams', () => {
  let server: SmallServer;
  afterEach(() => server.stop());

  /** The clock stands at 0 at the start and at `firstAfterMs` afterwards: nobody has to wait. */
  async function look(answer: RequestListener, firstAfterMs: number) {
    server = await SmallServer.start(answer);
    let asked = 0;
    return lookAtStreams({ url: server.url, key: 'k', monotonicMs: () => (asked++ === 0 ? 0 : firstAfterMs) });
  }

  it('is content with a way that lets bytes through at once and bears silence', async () => {
    const found = await look((request, response) => {
      expect(request.url).toBe('/api/v1/probe?silence=6');
      response.write(EVENT('begin'));
      setImmediate(() => response.end(EVENT('end')));
    }, 20);
    expect(found).toMatchObject({ check: 'streams', state: 'ok' });
  });

  it('names a proxy that holds bytes back', async () => {
    const found = await look((_, response) => response.end(EVENT('begin') + EVENT('end')), 6010);
    expect(found).toMatchObject({ state: 'problem', says: expect.stringContaining('holds bytes back') });
    expect(found.todo).toContain('proxy_buffering off');
  });

  it('names a short idle timeout', async () => {
    const found = await look((_, response) => {
      response.write(EVENT('begin'));
      setImmediate(() => response.destroy());
    }, 20);
    expect(found).toMatchObject({ state: 'problem', says: expect.stringContaining('is cut on its way') });
    expect(found.todo).toContain('idle timeout');
  });

  it('says so when it could not be tried', async () => {
    expect(await look((_, response) => response.writeHead(401).end(), 0)).toMatchObject({ state: 'problem' });
  });
});
