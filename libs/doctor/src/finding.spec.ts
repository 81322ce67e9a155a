import { SettingsError } from '@scriptmesh/config';
import { describe, expect, it } from 'vitest';
import { isHealthy, judgeDisk, findingsOf, ok, problem, skipped, toJsonText, toText, warning } from './index.js';

const MIB = 1024 * 1024;

describe('findings', () => {
  it('are told in lines, with what to do below each', () => {
    const text = toText([ok('clock', 'agrees'), warning('disk', 'is low', 'Make room.'), skipped('key', 'none')]);
    expect(text).toBe(
      'ok       clock  agrees\nwarning  disk   is low\n                do: Make room.\nskipped  key    none\nnothing has to be mended\n',
    );
    expect(toText([problem('a', 'b', 'c')])).toContain('1 to be mended');
  });

  it('are healthy with a warning, not with a problem', () => {
    expect(isHealthy([warning('a', 'b', 'c')])).toBe(true);
    expect(isHealthy([ok('a', 'b'), problem('a', 'b', 'c')])).toBe(false);
    expect(JSON.parse(toJsonText([problem('a', 'b', 'c')]))).toMatchObject({
      isHealthy: false,
      findings: [{ check: 'a' }],
    });
  });

  it('name a full disk, and one that is nearly full', () => {
    expect(judgeDisk('/srv', 10 * MIB, 256 * MIB)).toMatchObject({ check: 'disk', state: 'problem' });
    expect(judgeDisk('/srv', 300 * MIB, 256 * MIB)).toMatchObject({ state: 'warning' });
    expect(judgeDisk('/srv', 600 * MIB, 256 * MIB)).toMatchObject({ state: 'ok' });
    expect(judgeDisk('/srv', null, 256 * MIB)).toMatchObject({ state: 'skipped' });
  });

  it('are made of the faults of settings, and of nothing else', () => {
    const fault = { name: 'SCRIPT_MESH_MAIN_KEY', problem: 'the key is the default one', remedy: 'Make a key' };
    expect(findingsOf(new SettingsError([fault]))).toEqual([
      problem('settings', 'SCRIPT_MESH_MAIN_KEY: the key is the default one', 'Make a key.'),
    ]);
    expect(() => findingsOf(new Error('other'))).toThrow('other');
  });
});
