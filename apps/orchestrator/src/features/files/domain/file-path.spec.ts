import { describe, expect, it } from 'vitest';
import { findChild, parseFilePath } from './file-path.js';

describe('parseFilePath', () => {
  it.each([
    ['', []],
    ['.', []],
    ['a.txt', ['a.txt']],
    ['a/b.txt', ['a', 'b.txt']],
    ['a//b/./c/', ['a', 'b', 'c']],
    ['..a/b..', ['..a', 'b..']],
    ['100%.txt', ['100%.txt']],
    ['%41', ['%41']],
    ['~/.profile', ['~', '.profile']],
    ['ä 日本 "x".txt', ['ä 日本 "x".txt']],
  ])('takes %j', (path, parts) => expect(parseFilePath(path)).toEqual({ parts, text: parts.join('/') }));

  it.each([
    '..',
    '../x',
    'a/../b',
    'a/..',
    '....//....//etc/passwd',
    '.../x',
    '/etc/passwd',
    '//etc/passwd',
    'C:/x',
    'c:x',
    '\\etc',
    'a\\..\\b',
    '..\\x',
    '%2e%2e%2fetc%2fpasswd',
    '%252e%252e%252fx',
    'a%2Fb',
    '%25252E',
    'x%00.txt',
    'x%5cy',
    'x\0.txt',
    'x\n',
    'x\u007f',
    'x\ud800',
    '\ufffd\ufffd/x',
    'x'.repeat(1025),
  ])('refuses %j', (path) => {
    expect(() => parseFilePath(path)).toThrow(expect.objectContaining({ code: 'file/unsafe-path', status: 400 }));
  });

  it('ends in time for any text', () => {
    expect(() => parseFilePath(`%${'25'.repeat(500_000)}`)).toThrow('longer than');
  });

  it('names no child that could not be asked for', () => {
    const folder = parseFilePath('a');
    expect(findChild(folder, 'b')).toEqual({ parts: ['a', 'b'], text: 'a/b' });
    for (const name of ['%2e', 'b\\c', 'b\nc', '...', 'x'.repeat(1024)])
      expect(findChild(folder, name)).toBeUndefined();
  });
});
