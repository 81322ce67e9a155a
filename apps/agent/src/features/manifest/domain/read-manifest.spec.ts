import { isMeshError } from '@scriptmesh/contracts';
import { describe, expect, it } from 'vitest';
import { readManifest } from './read-manifest.js';

const read = (value: unknown) => readManifest(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));

function faultOf(value: unknown): string {
  try {
    read(value);
  } catch (error) {
    if (isMeshError(error)) return error.detail;
    throw error;
  }
  return 'none';
}

describe('a manifest', () => {
  it('is read in the form of 0.2, whose entries are told from the new ones', () => {
    const manifest = read({
      scripts: [
        { name: 'hello', path: 'scripts/hello.py' },
        { name: 'b', path: 'b.sh', timeoutSeconds: 5 },
      ],
    });
    expect(manifest.entries.get('hello')).toMatchObject({
      path: 'scripts/hello.py',
      parts: ['hello.py'],
      isLegacy: true,
      timeoutSeconds: null,
    });
    expect(manifest.entries.get('b')).toMatchObject({ parts: ['b.sh'], isLegacy: false, timeoutSeconds: 5 });
    const withSchema = read({ $schema: './x.json', scripts: [{ name: 'hello', path: 'hello.py' }] });
    expect(withSchema.entries.get('hello')).toMatchObject({ isLegacy: false });
  });

  it('takes a path with and without the scripts folder for the same file', () => {
    const parts = (path: string) => read({ scripts: [{ name: 'a', path }] }).entries.get('a')?.parts;
    expect(parts('scripts/sub/x.sh')).toEqual(['sub', 'x.sh']);
    expect(parts('./scripts/sub//x.sh')).toEqual(['sub', 'x.sh']);
    expect(parts('sub/x.sh')).toEqual(['sub', 'x.sh']);
    expect(parts('scripts/scripts/x.sh')).toEqual(['scripts', 'x.sh']);
  });

  it('is taken with a byte-order mark', () => {
    expect(read('\ufeff{"scripts": []}').entries.size).toBe(0);
  });

  it.each([
    ['..', '../etc/passwd'],
    ['.. inside', 'sub/../../x.sh'],
    ['.. after scripts', 'scripts/../x.sh'],
    ['an absolute path', '/etc/passwd'],
    ['an absolute path of Windows', 'C:/x.ps1'],
    ['a home folder', '~/x.sh'],
    ['a NUL', 'a\0.sh'],
    ['a newline', 'a\n.sh'],
    ['a backslash', '..\\x.sh'],
    ['a lone surrogate', 'a\ud800'],
    ['only dots', './.'],
  ])('refuses an entry with %s in its path, with its place, and serves the others', (_, path) => {
    const manifest = read({
      scripts: [
        { name: 'good', path: 'good.sh' },
        { name: 'bad', path },
        { name: 'last', path: 'last.sh' },
      ],
    });
    expect([...manifest.entries.keys()]).toEqual(['good', 'last']);
    expect(manifest.refused).toEqual([
      {
        place: 'scripts[1]',
        name: 'bad',
        path,
        code: 'manifest/unsafe-path',
        why: expect.stringMatching(/^scripts\[1\]\.path: .* must /),
      },
    ]);
  });

  it.each([
    ['no name', { path: 'x.sh' }, 'scripts[0].name: is missing'],
    ['no path', { name: 'a' }, 'scripts[0].path: is missing'],
    ['a name that is a number', { name: 5, path: 'x.sh' }, 'scripts[0].name: must '],
    ['the name __proto__', { name: '__proto__', path: 'x.sh' }, 'scripts[0].name: "__proto__" must '],
    ['a path that is a list', { name: 'a', path: ['x.sh'] }, 'scripts[0].path: must be a text'],
    [
      'a time limit in words',
      { name: 'a', path: 'x.sh', timeoutSeconds: '5' },
      'scripts[0].timeoutSeconds: "5" must be a whole number',
    ],
    [
      'a time limit of 0',
      { name: 'a', path: 'x.sh', timeoutSeconds: 0 },
      'scripts[0].timeoutSeconds: must be a whole number',
    ],
    [
      'a fraction of a run',
      { name: 'a', path: 'x.sh', maxConcurrent: 1.5 },
      'scripts[0].maxConcurrent: must be a whole number',
    ],
    [
      'an interpreter with arguments',
      { name: 'a', path: 'x.sh', interpreter: 'sh -c' },
      'scripts[0].interpreter: "sh -c" must be',
    ],
    [
      'an interpreter by a relative path',
      { name: 'a', path: 'x.sh', interpreter: '../sh' },
      'scripts[0].interpreter: ',
    ],
    [
      'an interpreter that climbs',
      { name: 'a', path: 'x.sh', interpreter: '/usr/../tmp/sh' },
      'scripts[0].interpreter: ',
    ],
    [
      'a description that is an object',
      { name: 'a', path: 'x.sh', description: {} },
      'scripts[0].description: must be a text',
    ],
    ['no object', 'a', 'scripts[0]: must be an object'],
  ])('refuses an entry with %s alone', (_, entry, why) => {
    const manifest = read({ scripts: [entry, { name: 'good', path: 'good.sh' }] });
    expect([...manifest.entries.keys()]).toEqual(['good']);
    expect(manifest.refused).toHaveLength(1);
    expect(manifest.refused[0]).toMatchObject({ code: 'manifest/invalid' });
    expect(manifest.refused[0]?.why.startsWith(why)).toBe(true);
  });

  it.each([
    ['nothing', '', 'the file is empty'],
    ['blanks', ' \n ', 'the file is empty'],
    ['a list', [], '1:1: must be an object'],
    ['null', 'null', '1:1: must be an object'],
    ['no scripts', {}, 'scripts: is missing'],
    ['scripts that are an object', { scripts: {} }, 'scripts: must be a list'],
    ['broken JSON', '{"scripts": [\n  {"name": "a" "path": "b"}\n]}', '2:16: expected "}" or ",", found "\\""'],
    ['an unknown field', { scripts: [], version: 2 }, 'version: is not a known field; known are $schema, scripts'],
    [
      'an unknown field of an entry',
      { scripts: [{ name: 'a', path: 'a', shell: true }] },
      'scripts[0].shell: is not a known field; known are name, path,',
    ],
    [
      'a name that stands twice',
      {
        scripts: [
          { name: 'a', path: 'a' },
          { name: 'a', path: 'b' },
        ],
      },
      'scripts[1].name: "a" is already the name of scripts[0]',
    ],
    [
      'a field that stands twice',
      '{"scripts": [], "scripts": []}',
      '1:17: the field "scripts" stands here a second time',
    ],
    [
      '1001 scripts',
      { scripts: Array.from({ length: 1001 }, (_, index) => ({ name: `s${index}`, path: 'x' })) },
      'scripts: must have at most 1000',
    ],
    ['100 000 levels', `{"scripts": ${'['.repeat(100_000)}`, 'nested more than 32 levels deep'],
  ])('is refused as a whole for %s, with the place', (_, value, words) => {
    expect(faultOf(value)).toContain(words);
    expect(faultOf(value)).toMatch(/^cfg\/script_manifest\.json: /);
  });

  it('is refused for an encoding that is not UTF-8', () => {
    expect(() => readManifest(Buffer.from('\ufeff{"scripts": []}', 'utf16le'))).toThrow('UTF-16');
    expect(() => readManifest(Buffer.from([0x7b, 0xff, 0x7d]))).toThrow('not valid UTF-8');
  });

  it('tells all unknown fields, but not without bound', () => {
    const scripts = Array.from({ length: 100 }, (_, index) => ({ name: `s${index}`, path: 'x', bad: 1 }));
    expect(faultOf({ scripts })).toContain('scripts[19].bad');
    expect(faultOf({ scripts })).toContain('and 80 more');
  });
});
