import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonFault, parseJson } from './parse-json.js';

function faultOf(text: string): string {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof JsonFault) return `${error.line}:${error.column} ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('JSON with places', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('refuses what JSON.parse refuses', () => {
    const nearJson = fc.stringMatching(/^[[\]{}",:0-9.eE+\-truefalsn\\ u\n]{0,12}$/);
    fc.assert(
      fc.property(nearJson, (text) => {
        const isJson = ((): boolean => {
          try {
            JSON.parse(text);
            return true;
          } catch {
            return false;
          }
        })();
        const fault = faultOf(text);
        expect(fault === 'none' || fault.includes('second time')).toBe(isJson);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['{"a": 1,\n "b": }', '2:7 expected a value, found "}"'],
    ['{"a": 1,\n\n  b: 2}', '3:3 expected a field name in double quotes'],
    ['[1, 2', '1:6 expected "]" or ",", found the end of the file'],
    ['{"a" 1}', '1:6 expected ":", found "1"'],
    ['{"a": "x\ny"}', '1:9 a line break or control character inside a text; write it as \\n or \\u....'],
    ['{"a": "x', '1:7 a text that begins here never ends'],
    ['["\\x"]', '1:2 an unknown escape after a backslash in this text; a backslash itself is written \\\\'],
    ['{} {}', '1:4 text after the end of the JSON value'],
    ["{'a': 1}", '1:2 expected a field name in double quotes'],
    ['[1,]', '1:4 expected a value, found "]"'],
    ['{"a": 1, "a": 2}', '1:10 the field "a" stands here a second time'],
    ['// x\n{}', '1:1 expected a value, found "/"'],
  ])('names the place in %j', (text, fault) => {
    expect(faultOf(text)).toBe(fault);
  });

  it('takes __proto__ as a key like any other', () => {
    const value = parseJson('{"__proto__": {"polluted": 1}}') as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('refuses a hundred thousand levels and a megabyte of text quickly', () => {
    const begun = performance.now();
    expect(faultOf('['.repeat(100_000))).toBe('1:33 nested more than 32 levels deep');
    expect(faultOf('{"a":'.repeat(100_000))).toContain('nested more than 32 levels deep');
    expect(faultOf(`"${'\\n'.repeat(500_000)}"`)).toBe('none');
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});
