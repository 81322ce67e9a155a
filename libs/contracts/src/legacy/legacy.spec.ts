import { describe, expect, it } from 'vitest';
import { toReturnCode } from './failure.js';
import { isLegacyReply, readLegacyFields, readLegacyQuery } from './fields.js';
import { isLegacyJson } from './json-type.js';
import { legacyEntries, legacyReply } from './reply.js';
import { toLegacyText } from './text.js';
import { toNaiveTime, toZonedTime } from './times.js';

const faultsOf = (body: unknown) => {
  const read = readLegacyFields(body, { script: ['run_script', 'script'], agent: ['agent'] });
  return isLegacyReply(read) ? (JSON.parse(read.json) as { detail: unknown[] }).detail : read;
};

describe('the words of ScriptMesh 0.2', () => {
  it.each([
    ['  a b \n', 'a b'],
    ['\r\na\r\nb\rc\r\n', 'a\nb\nc'],
    ['\u001c\u0085\u2003x\u3000\u001f', 'x'],
    ['\ufeffx\ufeff', '\ufeffx\ufeff'],
    [' \n\t ', ''],
    ['', ''],
  ])('makes of the output %j the text %j', (output, text) => {
    expect(toLegacyText(Buffer.from(output))).toBe(text);
  });

  it('reads bytes that are no UTF-8, and a million blanks in no time', () => {
    expect(toLegacyText(Buffer.from([0x61, 0xff, 0x62]))).toBe('a\ufffdb');
    expect(toLegacyText(Buffer.from(`${' '.repeat(1_000_000)}x${' '.repeat(1_000_000)}y`))).toHaveLength(1_000_002);
  });

  it('writes times with six digits, with and without a zone', () => {
    expect(toNaiveTime(Date.UTC(2026, 0, 2, 3, 4, 5, 0))).toBe('2026-01-02T03:04:05.000000');
    expect(toZonedTime(Date.UTC(2026, 0, 2, 3, 4, 5, 67))).toBe('2026-01-02T03:04:05.067000+00:00');
  });

  it('keeps the order of keys, writes compact JSON and leaves non-ASCII as it is', () => {
    expect(
      legacyEntries([
        ['b', { x: 1 }],
        ['10', null],
        ['2', 'ü'],
      ]).json,
    ).toBe('{"b":{"x":1},"10":null,"2":"ü"}');
    expect(legacyReply(200, { a: 'ü' }).json).toBe('{"a":"ü"}');
  });

  it('takes either name of a field and ignores what it does not know', () => {
    expect(faultsOf({ script: 's', agent: 'a', x: {} })).toEqual({ script: 's', agent: 'a' });
    expect(faultsOf({ run_script: 'r', script: 's', agent: 'a' })).toEqual({ script: 'r', agent: 'a' });
  });

  it('tells every fault with its place, and never a key', () => {
    expect(faultsOf({ api_key: 'canary', script: null })).toEqual([
      { type: 'string_type', loc: ['body', 'script'], msg: 'Input should be a valid string', input: null },
      {
        type: 'missing',
        loc: ['body', 'agent'],
        msg: 'Field required',
        input: { api_key: '***', script: null },
      },
    ]);
    expect(faultsOf(undefined)).toEqual([{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }]);
    expect(faultsOf(null)).toEqual(faultsOf(undefined));
    expect(faultsOf([1])).toMatchObject([{ type: 'model_attributes_type', loc: ['body'], input: [1] }]);
    expect(faultsOf(JSON.parse('{"__proto__":{"agent":"a","script":"s"}}'))).toHaveLength(2);
  });

  it('shows nothing of a body that is no object where a key is expected', () => {
    const read = readLegacyFields('{"api_key":"canary"', { key: ['api_key'] });
    expect(read).toMatchObject({ status: 422, json: expect.stringContaining('"input":"***"') as string });
  });

  it.each([
    [undefined, true],
    ['', true],
    ['application/json', true],
    ['Application/JSON ; charset=utf-8', true],
    ['application/vnd.mesh+json', true],
    ['application/x-www-form-urlencoded', false],
    ['text/json', false],
  ])('takes a body of type %j for JSON: %j', (type, isJson) => {
    expect(isLegacyJson(type)).toBe(isJson);
  });

  it('reads the last of several values of the query', () => {
    expect(readLegacyQuery({ agent: ['a', 'b'] }, 'agent')).toBe('b');
    expect(readLegacyQuery({}, 'agent')).toMatchObject({ status: 422 });
  });

  it.each([
    [{ exitCode: 3, signalNumber: null, killedBy: null }, 3],
    [{ exitCode: 0, signalNumber: null, killedBy: null }, 0],
    [{ exitCode: null, signalNumber: 9, killedBy: null }, -9],
    [{ exitCode: 0, signalNumber: null, killedBy: 'timed_out' as const }, -15],
  ])('makes of %j the return code %i', (end, code) => {
    expect(toReturnCode(end)).toBe(code);
  });
});
