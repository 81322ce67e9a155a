import { hostname } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { processSources } from './process-sources.js';

describe('processSources', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('shows this process: its environment, folder and machine, and the flags it was given', () => {
    vi.stubEnv('SCRIPT_MESH_PORT', '8123');
    const { env, ...rest } = processSources({ SCRIPT_MESH_HOST: '::1' });
    expect(env['SCRIPT_MESH_PORT']).toBe('8123');
    expect(rest).toEqual({
      flags: { SCRIPT_MESH_HOST: '::1' },
      leavesNoTraces: false,
      cwd: process.cwd(),
      hostname: hostname(),
    });
  });
});
