import { mkdirSync, truncateSync, utimesSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import type { FileResource, Page, Problem } from '@scriptmesh/contracts';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startEdgeApp, type EdgeApp } from '../../test-support/edge-app.js';
import { TEST_MAIN_KEY } from '../../test-support/surroundings.js';
import { AccessModule } from '../access/index.js';
import { AuditModule } from '../audit/index.js';
import { RegistryModule } from '../registry/index.js';
import { FilesModule } from './index.js';
import { DataHome, SECRET } from './test-support/data-home.js';

const GIB = 1024 ** 3;
const AGENT_KEY = 'the-key-of-agent-a-of-32-characters';

describe('the files over HTTP', () => {
  let db: Database;
  let home: DataHome;
  let edge: EdgeApp;
  beforeAll(async () => {
    db = await openTestDatabase();
  });
  afterAll(() => closeTestDatabase(db));
  beforeEach(async () => {
    home = new DataHome();
    edge = await startEdgeApp(db, [AuditModule, AccessModule, RegistryModule, FilesModule], { dataDir: home.data });
  });
  afterEach(async () => {
    await letGo();
    await edge.app.close();
    home.remove();
  });

  /** No descriptor stays behind, also of callers that left in the middle. */
  async function letGo(): Promise<void> {
    while (home.countOpen() > 0) await new Promise((resolve) => setImmediate(resolve));
  }
  /** The query is sent as it stands. */
  const get = (query: string, headers?: Record<string, string>) =>
    edge.call('GET', `/api/v1/files/content?path=${query}`, undefined, headers);
  const list = async (query = '') =>
    (await (await edge.call('GET', `/api/v1/files${query}`)).json()) as Page<FileResource>;
  const problemOf = async (answer: Response) => {
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const problem = (await answer.json()) as Problem;
    expect(JSON.stringify(problem)).not.toContain(home.path);
    return [answer.status, problem.code];
  };

  it('lists a folder by name, in pages', async () => {
    home.write('b.txt', '12345');
    utimesSync(home.at('b.txt'), 1_795_000_000, 1_795_000_000);
    home.write('c', '');
    mkdirSync(home.at('a'));
    const first = await list('?limit=2');
    expect(first.items[1]).toEqual({
      name: 'b.txt',
      path: 'b.txt',
      kind: 'file',
      bytes: 5,
      modifiedAt: '2026-11-18T11:06:40.000Z',
    });
    expect(first.items[0]).toMatchObject({ name: 'a', kind: 'folder', bytes: null });
    const second = await list(`?limit=2&cursor=${first.next}`);
    expect([second.items.map(({ name }) => name), second.next]).toEqual([['c'], null]);
    expect(await list('?path=a')).toEqual({ items: [], next: null });
  });

  it('shows times far off', async () => {
    home.write('old');
    utimesSync(home.at('old'), 253_402_300_800, 253_402_300_800);
    expect(Date.parse((await list()).items[0]?.modifiedAt ?? '')).toBeGreaterThan(0);
  });

  it('gives the bytes as they are, as something to keep and not to show', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 0xc3]);
    home.write('sub/a "ä".html', bytes);
    const answer = await get(encodeURIComponent('sub/a "ä".html'));
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '5',
      'content-disposition': `attachment; filename="a \\"?\\".html"; filename*=UTF-8''a%20%22%C3%A4%22.html`,
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      'cache-control': 'no-store',
      etag: expect.stringMatching(/^"[-0-9a-z]+"$/) as string,
    });
  });

  it('gives an empty file, and many pieces in order', async () => {
    home.write('empty');
    expect([(await get('empty')).status, await (await get('empty')).text()]).toEqual([200, '']);
    const long = Buffer.from(Array.from({ length: 150_000 }, (_, at) => `${at} `).join(''));
    home.write('long', long);
    expect(Buffer.from(await (await get('long')).arrayBuffer()).equals(long)).toBe(true);
  });

  it('tells the headers alone to HEAD', async () => {
    home.write('a', 'hello');
    const answer = await edge.call('HEAD', '/api/v1/files/content?path=a', undefined, { range: 'bytes=0-1' });
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([200, '5', '']);
  });

  it.each([
    ['bytes=0-1', 'bytes 0-1/10', '01'],
    ['bytes=7-', 'bytes 7-9/10', '789'],
    ['bytes=-2', 'bytes 8-9/10', '89'],
    ['bytes=3-999', 'bytes 3-9/10', '3456789'],
  ])('answers the range %s', async (range, contentRange, text) => {
    home.write('ten', '0123456789');
    const answer = await get('ten', { range });
    expect([answer.status, answer.headers.get('content-range'), await answer.text()]).toEqual([
      206,
      contentRange,
      text,
    ]);
    expect(answer.headers.get('content-length')).toBe(String(text.length));
  });

  it('refuses ranges outside and ignores what is none', async () => {
    home.write('ten', '0123456789');
    const answer = await get('ten', { range: 'bytes=10-' });
    expect(answer.headers.get('content-range')).toBe('bytes */10');
    expect(answer.headers.get('content-disposition')).toBeNull();
    expect(await problemOf(answer)).toEqual([416, 'file/range-outside']);
    for (const range of ['bytes=1-2,5-6', 'lines=1-2', 'bytes=x-'])
      expect(await (await get('ten', { range })).text()).toBe('0123456789');
  });

  it('sends the whole when the file is not the one of If-Range', async () => {
    home.write('ten', '0123456789');
    const tag = (await get('ten')).headers.get('etag') ?? '';
    const ask = async () => (await get('ten', { range: 'bytes=8-', 'if-range': tag })).text();
    expect(await ask()).toBe('89');
    home.write('ten', '0123456789a');
    expect(await ask()).toBe('0123456789a');
  });

  it('answers a sparse file in bounded parts (G3)', async () => {
    home.write('sparse');
    truncateSync(home.at('sparse'), 3 * GIB);
    expect(await problemOf(await get('sparse'))).toEqual([413, 'file/too-large']);
    const last = await get('sparse', { range: 'bytes=-3' });
    expect(Buffer.from(await last.arrayBuffer())).toEqual(Buffer.alloc(3));
    const open = await get('sparse', { range: 'bytes=5-' });
    expect([open.status, open.headers.get('content-range')]).toEqual([206, `bytes 5-${GIB + 4}/${3 * GIB}`]);
    await open.body?.cancel();
  });

  it('lets go of the file when the caller leaves in the middle, and calls that no error', async () => {
    home.write('sparse');
    truncateSync(home.at('sparse'), GIB);
    const url = `${edge.url}/api/v1/files/content?path=sparse`;
    const gone = new Promise<void>((resolve, reject) => {
      const asked = httpRequest(url, { headers: { 'x-api-key': TEST_MAIN_KEY } }, (answer) => {
        expect(home.countOpen()).toBe(1);
        answer.once('close', resolve).on('error', () => {});
        answer.destroy();
      });
      asked.once('error', reject).end();
    });
    await gone;
    await letGo();
    expect(edge.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it.each([
    '..',
    '../secret.txt',
    '%2e%2e%2fsecret.txt',
    '%252e%252e%252fsecret.txt',
    '%25252e%25252e/secret.txt',
    '/etc/passwd',
    '%2fetc%2fpasswd',
    '//etc/passwd',
    'C:%5cWindows',
    '..%5csecret.txt',
    'a%5cb',
    'a.txt%00',
    'a.txt%00.png',
    'a.txt%0a',
    '....//....//secret.txt',
    '..;/secret.txt/..',
    '%c0%ae%c0%ae/secret.txt',
    '%ff',
  ])('refuses the path %s (G1)', async (path) => {
    home.write('a.txt', 'x');
    expect(await problemOf(await get(path))).toEqual([400, 'file/unsafe-path']);
    expect(await problemOf(await edge.call('GET', `/api/v1/files?path=${path}`))).toEqual([400, 'file/unsafe-path']);
  });

  it('refuses links that lead out (G2) and FIFOs, sockets and folders (G3)', async () => {
    home.link('out', home.secret);
    home.link('up', home.path);
    home.link('environ', '/proc/self/environ');
    home.link('zero', '/dev/zero');
    for (const path of ['out', 'up/secret.txt', 'environ', 'zero', 'up/not-there'])
      expect(await problemOf(await get(path))).toEqual([400, 'file/unsafe-path']);
    home.fifo('fifo');
    await home.socket('socket');
    mkdirSync(home.at('folder'));
    for (const path of ['fifo', 'socket', 'folder', 'nothing', ''])
      expect(await problemOf(await get(path))).toEqual([404, 'file/not-found']);
    const listed = JSON.stringify(await list());
    expect(listed).not.toContain(SECRET);
    expect((await list()).items.map(({ name }) => name)).toEqual(['folder']);
  });

  it.each(['', 'a&path=b', 'a&path[]=b', 'a&other=1'])(
    'answers 400 to a query that is none: path=%s',
    async (query) => {
      const path = query === '' ? '/api/v1/files/content' : `/api/v1/files/content?path=${query}`;
      expect(await problemOf(await edge.call('GET', path))).toEqual([400, 'request/malformed']);
    },
  );

  it.each(['limit=0', 'limit=501', 'limit=abc', 'cursor=%25', 'path=a&path=b'])(
    'answers 400 to a list of %s',
    async (query) => {
      expect(await problemOf(await edge.call('GET', `/api/v1/files?${query}`))).toEqual([400, 'request/malformed']);
    },
  );

  it('takes no other spelling of its routes', async () => {
    home.write('a', 'hello');
    for (const path of [
      '/api/v1/files/',
      '/api/v1/files/content/',
      '/api/v1//files',
      '/api/v1/files/a',
      '/api/v1/files/%2e%2e/files',
    ])
      expect([path, (await edge.call('GET', `${path}?path=a`)).status]).toEqual([path, 404]);
    expect((await edge.call('DELETE', '/api/v1/files/content?path=a')).status).toBe(405);
  });

  it('is for operators alone', async () => {
    home.write('a', 'hello');
    await edge.call('POST', '/api/v1/agents', { name: 'a', key: AGENT_KEY, transport: 'http' });
    for (const path of ['/api/v1/files', '/api/v1/files/content?path=a', '/api/v1/files/content?path=../x']) {
      expect((await fetch(edge.url + path)).status).toBe(401);
      expect((await edge.call('GET', path, undefined, { 'x-api-key': AGENT_KEY })).status).toBe(403);
    }
  });

  it('writes no names of files into the log', async () => {
    home.write('canary-3f9b2c7d', 'x');
    await (await get('canary-3f9b2c7d')).text();
    await get('canary-3f9b2c7d/../x');
    expect(JSON.stringify(edge.log.lines)).toContain('/api/v1/files/content');
    expect(JSON.stringify(edge.log.lines)).not.toContain('canary-3f9b2c7d');
  });
});
