import { aFileResource, answerJson, answerProblem, answerText } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CliBench } from '../../../test-support/cli-bench.js';

const CONTENT = 'GET /api/v1/files/content';
const BYTES = 'application/octet-stream';

/** A part of a file as the orchestrator sends it. */
const part = (body: string | Buffer, range: string, etag = '"v1"') =>
  answerText(body, BYTES, 206, { 'content-range': `bytes ${range}`, etag });

describe('the commands for files', () => {
  let cli: CliBench;
  beforeEach(async () => {
    cli = await CliBench.start();
  });
  afterEach(() => cli.stop());

  const rangesAsked = () => cli.api.requestsTo(CONTENT).map(({ headers }) => headers.range);

  it('list a folder, page after page', async () => {
    const folder = aFileResource({ name: 'old\u202e', path: 'reports/old\u202e', kind: 'folder', bytes: null });
    cli.api.answer(
      'GET /api/v1/files',
      answerJson({ items: [folder], next: 'c' }),
      answerJson({ items: [aFileResource()], next: null }),
    );
    expect(await cli.run('files list reports')).toBe(0);
    expect(cli.terminal.outText.split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(/^PATH +BYTES +MODIFIED$/),
      expect.stringMatching(/^reports\/old\\u202e\/ +- +2026-01-01T00:00:00.000Z$/),
      expect.stringMatching(/^reports\/today.csv +2048 +2026-01-01T00:00:00.000Z$/),
    ]);
    expect(cli.api.requests.map(({ url }) => url)).toEqual([
      '/api/v1/files?path=reports&limit=500',
      '/api/v1/files?path=reports&limit=500&cursor=c',
    ]);
  });

  it.each([
    ['json', { items: [aFileResource()], next: null }],
    ['ndjson', aFileResource()],
  ])('list as %s', async (format, shown) => {
    cli.api.answer('GET /api/v1/files', answerJson({ items: [aFileResource()], next: null }));
    expect(await cli.run(`files list -o ${format}`)).toBe(0);
    expect(JSON.parse(cli.terminal.outText)).toEqual(shown);
    expect(cli.api.requests[0]?.url).toBe('/api/v1/files?path=&limit=500');
  });

  it('list names that can be read, and say on stderr that there are none', async () => {
    cli.api.answer(
      'GET /api/v1/files',
      answerJson({ items: [aFileResource()], next: null }),
      answerJson({ items: [], next: null }),
    );
    await cli.run('files list -o name');
    expect(cli.terminal.outText).toBe('reports/today.csv\n');
    expect(await cli.run('files list')).toBe(0);
    expect(cli.terminal.errText).toBe('No files there.\n');
  });

  it('read a file byte for byte', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 27, 0xc3]);
    cli.api.answer(CONTENT, part(bytes, '0-5/6'));
    expect(await cli.run('files read reports/a%2f&b.csv')).toBe(0);
    expect(cli.terminal.outBytes).toEqual(bytes);
    expect(cli.api.requests[0]?.url).toBe('/api/v1/files/content?path=reports%2Fa%252f%26b.csv');
    expect(rangesAsked()).toEqual(['bytes=0-']);
  });

  it('escape what a terminal would obey, unless --raw', async () => {
    cli.terminal.outIsTerminal = true;
    cli.api.answer(CONTENT, part('a\u001b]52;c;x\u0007\r\nb', '0-12/13'));
    await cli.run('files read a');
    expect(cli.terminal.outText).toBe('a\\x1b]52;c;x\\x07\nb');
    await cli.run('files read a --raw');
    expect(cli.terminal.outText.endsWith('a\u001b]52;c;x\u0007\r\nb')).toBe(true);
  });

  it('read a file that comes in parts, to its end and no further', async () => {
    cli.api.answer(CONTENT, part('abc', '0-2/8'), part('def', '3-5/8'), part('gh', '6-7/8'));
    expect(await cli.run('files read a')).toBe(0);
    expect(cli.terminal.outText).toBe('abcdefgh');
    expect(rangesAsked()).toEqual(['bytes=0-', 'bytes=3-7', 'bytes=6-7']);
  });

  it.each([
    ['2-4', ['bytes=2-4'], part('cde', '2-4/8')],
    ['2-', ['bytes=2-'], part('cdefgh', '2-7/8')],
    ['-2', ['bytes=-2'], part('gh', '6-7/8')],
    ['2-99', ['bytes=2-99'], part('cdefgh', '2-7/8')],
  ])('read the range %s', async (range, asked, answer) => {
    cli.api.answer(CONTENT, answer);
    expect(await cli.run(`files read a --range ${range}`)).toBe(0);
    expect(rangesAsked()).toEqual(asked);
  });

  it('do not mix two versions of a file', async () => {
    cli.api.answer(CONTENT, part('abc', '0-2/8'), part('DEFGH', '3-7/8', '"v2"'));
    expect(await cli.run('files read a')).toBe(1);
    expect(cli.terminal.outText).toBe('abc');
    expect(cli.terminal.errText).toContain('changed while it was read');
  });

  it('read an empty file as nothing, but no range of one', async () => {
    cli.api.answer(CONTENT, answerProblem('file/range-outside', 'no byte of the range is in "a", which has 0'));
    expect(await cli.run('files read a')).toBe(0);
    expect(cli.terminal.outText + cli.terminal.errText).toBe('');
    expect(await cli.run('files read a --range 5-')).toBe(1);
    expect(cli.terminal.errText).toContain('no byte of the range');
  });

  it('end with 3 when there is no such file or folder, and with 1 for a path that is refused', async () => {
    cli.api.answer(CONTENT, answerProblem('file/not-found', '"x" is not there'));
    cli.api.answer('GET /api/v1/files', answerProblem('file/not-found', '"x" is not there'));
    expect([await cli.run('files read x'), await cli.run('files list x')]).toEqual([3, 3]);
    expect(cli.terminal.errText).toContain('"x" is not there');
    cli.api.answer(CONTENT, answerProblem('file/unsafe-path', 'the path is absolute'));
    expect(await cli.run('files read /etc/passwd')).toBe(1);
    expect(cli.terminal.outText).toBe('');
  });

  it('end with an error when the connection breaks in the middle', async () => {
    cli.api.answer(CONTENT, (response) => {
      response.writeHead(206, { 'content-range': 'bytes 0-7/8', 'content-length': '8' });
      response.write('abc', () => response.destroy());
    });
    expect(await cli.run('files read a')).toBe(6);
  });

  it('say that something else answers', async () => {
    cli.api.answer(CONTENT, answerText('<html>', 'text/html'));
    expect(await cli.run('files read a')).toBe(6);
    expect(cli.terminal.outText).toBe('');
  });

  it.each(['5', '-', '5-2', 'a-b', '-0', '1-2-3', '1,2'])('refuse the range %s with exit code 2', async (range) => {
    expect(await cli.run(`files read a --range ${range}`)).toBe(2);
    expect(cli.terminal.errText).toContain('FROM-TO');
    expect(cli.api.requests).toHaveLength(0);
  });
});
