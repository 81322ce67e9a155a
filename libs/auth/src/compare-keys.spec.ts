import { describe, expect, it } from 'vitest';
import { hashKey, keysEqual } from './compare-keys.js';

const KEY = 'k'.repeat(43);

describe('keysEqual', () => {
  it('knows the same key', () => {
    expect(keysEqual(KEY, `${'k'.repeat(42)}k`)).toBe(true);
  });

  it.each(['', ' ', 'k', KEY.slice(1), `${KEY}k`, `${KEY} `, KEY.toUpperCase(), 'x'.repeat(8192), '\ud800', '\0'])(
    'tells %j from the key and never throws on its length',
    (given) => {
      expect(keysEqual(given, KEY)).toBe(false);
      expect(keysEqual(KEY, given)).toBe(false);
    },
  );

  it('lets an empty key equal nothing, itself included', () => {
    expect(keysEqual('', '')).toBe(false);
  });
});

describe('hashKey', () => {
  it('is SHA-256', () => {
    expect(hashKey('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
