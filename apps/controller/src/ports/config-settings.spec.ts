import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MeshError } from '@scriptmesh/contracts';
import { ConfigSettings } from './config-settings.js';

const KEY = 'k'.repeat(40);

describe('ConfigSettings', () => {
  let home: string;
  const settings = (env: Record<string, string> = {}) =>
    new ConfigSettings({ flags: {}, env, cwd: home, hostname: 'here' });

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'scriptmesh-cli-'));
    writeFileSync(join(home, 'key'), `${KEY}\n`, { mode: 0o600 });
  });
  afterEach(() => rmSync(home, { recursive: true }));

  it('lets flags win over the environment', () => {
    const env = { ORCHESTRATOR_URL: 'http://other:1', SCRIPT_MESH_API_KEY: 'x'.repeat(40) };
    const loaded = settings(env).load({ url: 'http://mesh:8000', apiKeyFile: join(home, 'key') });
    expect(loaded).toEqual({ orchestratorUrl: 'http://mesh:8000', apiKey: KEY });
  });

  it('does without a key when there is none', () => {
    expect(settings().load({})).toEqual({ orchestratorUrl: 'http://localhost:8000', apiKey: null });
  });

  it('names what is wrong with a flag', () => {
    const load = (): unknown => settings().load({ url: 'nonsense', apiKeyFile: join(home, 'missing') });
    expect(load).toThrowError(expect.objectContaining({ code: 'settings/invalid' }) as Error);
    try {
      load();
    } catch (error) {
      expect((error as MeshError).faults.map((fault) => fault.path)).toEqual([
        'ORCHESTRATOR_URL',
        'SCRIPT_MESH_API_KEY',
      ]);
    }
  });
});
