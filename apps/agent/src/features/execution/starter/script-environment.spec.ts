import { isMeshError } from '@scriptmesh/contracts';
import { describe, expect, it } from 'vitest';
import { buildScriptEnvironment } from './script-environment.js';

const build = (params: Record<string, unknown>) =>
  buildScriptEnvironment({ runId: 'r1', agentName: 'web-1', script: 'backup', params, home: '/srv/mesh' });

function faultsOf(params: Record<string, unknown>): readonly string[] {
  try {
    build(params);
  } catch (error) {
    if (isMeshError(error)) return [error.code, ...error.faults.map((fault) => `${fault.path} ${fault.message}`)];
  }
  return [];
}

describe('the environment of a script', () => {
  it('has the names of the contract and no others', () => {
    expect(Object.keys(build({})).toSorted()).toEqual([
      'HOME',
      'LANG',
      'PATH',
      'SM_AGENT',
      'SM_RUN_ID',
      'SM_SCRIPT',
      'TZ',
    ]);
    expect(build({})).toMatchObject({ SM_RUN_ID: 'r1', SM_AGENT: 'web-1', SM_SCRIPT: 'backup', HOME: '/srv/mesh' });
  });

  it('has the place in a trace when there is one', () => {
    const of = { runId: 'r1', agentName: 'web-1', script: 'backup', params: {}, home: '/srv/mesh' };
    expect(buildScriptEnvironment({ ...of, traceparent: 'tp' })).toMatchObject({ TRACEPARENT: 'tp' });
    expect(buildScriptEnvironment({ ...of, traceparent: null })).not.toHaveProperty('TRACEPARENT');
  });

  it('hands parameters over as they are, in capitals after SM_PARAM_', () => {
    const value = '; rm -rf / $(id) `id` && | "\' * {{7*7}} %n\u0001';
    expect(build({ host: value, Count_2: 3, dry: false })).toMatchObject({
      SM_PARAM_HOST: value,
      SM_PARAM_COUNT_2: '3',
      SM_PARAM_DRY: 'false',
    });
  });

  it('cannot be led to set a variable of the loader, a shell or an interpreter', () => {
    const env = build({ LD_PRELOAD: 'x', PATH: '/evil', NODE_OPTIONS: '--inspect' });
    expect(env['LD_PRELOAD']).toBeUndefined();
    expect(env['NODE_OPTIONS']).toBeUndefined();
    expect(env['PATH']).not.toContain('evil');
    expect(env['SM_PARAM_LD_PRELOAD']).toBe('x');
  });

  it('refuses names that are none, all at once', () => {
    const params = JSON.parse(
      '{"__proto__": 1, "a=b": 1, "": 1, "1a": 1, "ä": 1, "constructor": 1, "fine": 1}',
    ) as Record<string, unknown>;
    expect(faultsOf(params)).toHaveLength(1 + 6);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it.each([
    ['a NUL', 'a\0b', 'NUL'],
    ['a lone surrogate', '\ud800', 'Unicode'],
    ['null', null, 'must be a text'],
    ['a list', ['a'], 'must be a text'],
    ['an object', { a: 1 }, 'must be a text'],
  ])('refuses %s as a value', (_, value, words) => {
    expect(faultsOf({ a: value })).toEqual(['params/invalid', expect.stringContaining(words)]);
  });

  it('refuses two names that would be one variable', () => {
    expect(faultsOf({ host: 'a', HOST: 'b' })).toEqual([
      'params/invalid',
      'params.HOST differs from host only in case',
    ]);
  });

  it('refuses more than 32 KiB for one and 256 KiB for all', () => {
    expect(faultsOf({ a: 'x'.repeat(32 * 1024) })).toEqual([]);
    expect(faultsOf({ a: 'x'.repeat(32 * 1024 + 1) })).toEqual(['request/too-large']);
    const nine = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`p${index}`, 'x'.repeat(32 * 1024)]));
    expect(faultsOf(nine)).toEqual(['request/too-large']);
  });
});
