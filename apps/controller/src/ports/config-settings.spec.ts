import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MeshError } from '@scriptmesh/contracts';
import { ContextFile } from './context-file.js';
import { ConfigSettings } from './config-settings.js';

const KEY = 'k'.repeat(40);

describe('ConfigSettings', () => {
  let home: string;
  const settings = (env: Record<string, string> = {}) =>
    new ConfigSettings(contexts, { flags: {}, env, cwd: home, hostname: 'here' });
  let contexts: ContextFile;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'scriptmesh-cli-'));
    contexts = new ContextFile(join(home, 'config', 'contexts.json'));
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

  describe('with contexts', () => {
    const PROD = { name: 'prod', url: 'http://prod:8000', apiKey: 'p'.repeat(40) };
    const LAB = { name: 'lab', url: 'http://lab:8000', apiKey: null };
    const ENV = { ORCHESTRATOR_URL: 'http://env:8000', SCRIPT_MESH_API_KEY: 'e'.repeat(40) };
    beforeEach(() => contexts.save({ current: 'prod', contexts: [PROD, LAB] }));

    it('takes address and key of the current one before .env', () => {
      writeFileSync(join(home, '.env'), 'ORCHESTRATOR_URL=http://file:1\nSCRIPT_MESH_API_KEY=file-key\n');
      expect(settings().load({})).toEqual({ orchestratorUrl: PROD.url, apiKey: PROD.apiKey });
    });

    it('lets the environment win over the current one, and --context over the environment', () => {
      expect(settings(ENV).load({})).toEqual({ orchestratorUrl: ENV.ORCHESTRATOR_URL, apiKey: 'e'.repeat(40) });
      expect(settings(ENV).load({ context: 'prod' })).toEqual({ orchestratorUrl: PROD.url, apiKey: PROD.apiKey });
      expect(settings(ENV).load({ context: 'lab' })).toEqual({ orchestratorUrl: LAB.url, apiKey: 'e'.repeat(40) });
    });

    it.each([{ url: 'http://other:1' }, { url: 'http://other:1', context: 'prod' }])(
      'sends the key of a context to no other address (%j)',
      (flags) => expect(settings().load(flags)).toEqual({ orchestratorUrl: 'http://other:1', apiKey: null }),
    );

    it('sends it to its own address, however that is given', () => {
      expect(settings().load({ url: `${PROD.url}/` }).apiKey).toBe(PROD.apiKey);
      expect(settings({ ORCHESTRATOR_URL: PROD.url }).load({}).apiKey).toBe(PROD.apiKey);
      expect(settings({ ORCHESTRATOR_URL: 'http://other:1' }).load({}).apiKey).toBeNull();
    });

    it('prefers a key file that is named on the command line', () => {
      for (const flags of [{}, { context: 'prod' }]) {
        expect(settings().load({ ...flags, apiKeyFile: join(home, 'key') }).apiKey).toBe(KEY);
      }
    });

    it('says which contexts there are when another is named', () => {
      expect(() => settings().load({ context: 'prdo' })).toThrowError(
        expect.objectContaining({
          exitCode: 3,
          fault: expect.objectContaining({ detail: expect.stringContaining('prod, lab') as string }) as MeshError,
        }) as Error,
      );
    });
  });
});
