import { Fernet, makeFernetKey } from '@scriptmesh/crypto';
import { describe, expect, it } from 'vitest';
import { readRegistry02 } from './read-registry-02.js';

const fernet = new Fernet(makeFernetKey());
const once = (text: string, by = fernet): string => by.encrypt(Buffer.from(text), 1);
const twice = (text: string, by = fernet): string => once(once(text, by), by);
const read = (registry: unknown) => readRegistry02(JSON.stringify(registry), fernet);

describe('the registry of ScriptMesh 0.2', () => {
  it('is read with its keys, which were encrypted twice', () => {
    const entry = { url: 'http://10.0.0.7:5001', last_seen: '2025-01-01T00:00:00.000000', api_key: twice('k-1') };
    expect(read({ A: entry })).toEqual([{ name: 'A', url: 'http://10.0.0.7:5001', key: 'k-1' }]);
  });

  it.each([
    [{ url: 'http://x', api_key: once('k') }, 'was not made with this'],
    [{ url: 'http://x', api_key: twice('k', new Fernet(makeFernetKey())) }, 'was not made with this'],
    [{ url: 'http://x', api_key: 'plain' }, 'was not made with this'],
    [{ url: 'http://x' }, 'no api_key'],
    [{ api_key: twice('k') }, 'no url'],
    [null, 'not an object'],
    [['x'], 'not an object'],
  ])('says why the entry %j is not taken', (entry, why) => {
    expect(read({ A: entry, B: { url: 'http://b', api_key: twice('b') } })).toEqual([
      { name: 'A', fault: expect.stringContaining(why) },
      { name: 'B', url: 'http://b', key: 'b' },
    ]);
  });

  it('throws for what is no registry at all', () => {
    expect(() => readRegistry02('{"A": {"url"', fernet)).toThrow(SyntaxError);
    expect(() => readRegistry02('[]', fernet)).toThrow(TypeError);
  });
});
