import { assert, json, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refuseLossyJson } from './refuse-lossy-json.js';

const fault = (text: string): string => {
  try {
    refuseLossyJson(text);
  } catch (error) {
    return (error as Error).message;
  }
  return 'none';
};

describe('JSON that would be changed in silence', () => {
  it.each([
    ['{"a":1,"a":2}', 'a', 'twice'],
    ['{"a":1,"\\u0061":2}', 'a', 'twice'],
    ['{"params":{"x":{},"y":[],"x":1}}', 'params.x', 'twice'],
    ['[{"a":1},{"b":1,"b":1}]', '1.b', 'twice'],
    ['{"params":{"n":1e400}}', 'params.n', 'cannot be kept'],
    ['{"params":{"n":-1e999}}', 'params.n', 'cannot be kept'],
    ['{"n":9007199254740993}', 'n', 'cannot be kept'],
    ['[1,[2,-9007199254740992]]', '1.1', 'cannot be kept'],
  ])('refuses %s and names %s', (text, path, why) => {
    expect(fault(text)).toContain(`the field "${path}" of the body`);
    expect(fault(text)).toContain(why);
  });

  it.each([
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}',
    '{"a":"\\"a\\":1,\\"a\\":2, 1e400 9007199254740993"}',
    '{"n":9007199254740991,"m":0.1,"k":-1.5e3,"z":-0}',
    '{"__proto__":1,"toString":2}',
    ' [ ] ',
    '"1e400"',
  ])('lets %s pass', (text) => expect(fault(text)).toBe('none'));

  it('lets everything pass that JSON.stringify writes with safe integers', () => {
    assert(
      property(json(), (text) => {
        const value = JSON.parse(text) as unknown;
        const hasHuge = JSON.stringify(value).match(/-?\d{16,}/) !== null;
        expect(hasHuge || fault(JSON.stringify(value)) === 'none').toBe(true);
      }),
    );
  });

  it('neither hangs nor falls over what is no JSON', () => {
    for (const text of [
      '{"a',
      '{"a":1,',
      '}}]]',
      '-',
      '{{{"a"',
      '\\',
      '{"a\\u00":1,"a\\u00":1}',
      '1'.repeat(100_000),
    ]) {
      expect(typeof fault(text)).toBe('string');
    }
  });
});
