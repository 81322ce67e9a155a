import { chmodSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadControllerLogSettings, loadControllerSettings } from './load-controller-settings.js';
import { namesOfFaults, TrialHome } from './test-support/trial-home.js';

const KEY = 'k'.repeat(43);
const OTHER = 'o'.repeat(43);

describe('settings of the command line', () => {
  let home: TrialHome;
  beforeEach(() => {
    home = new TrialHome();
  });
  afterEach(() => home.remove());

  const load = (env: Record<string, string> = {}) => loadControllerSettings(home.sources(env));

  it('does without a key', () => {
    expect(load()).toEqual({ orchestratorUrl: 'http://localhost:8000', apiKey: null });
  });

  it('looks for a key of its own, then for the main key, then in the home folder', () => {
    home.write('cfg/main.key', `${'h'.repeat(43)}\n`);
    const file = home.write('api', `${'f'.repeat(43)}\n`);
    expect(load({ SCRIPT_MESH_API_KEY: KEY, SCRIPT_MESH_MAIN_KEY: OTHER }).apiKey).toBe(KEY);
    expect(load({ SCRIPT_MESH_API_KEY_FILE: file, SCRIPT_MESH_MAIN_KEY: OTHER }).apiKey).toBe('f'.repeat(43));
    expect(load({ SCRIPT_MESH_MAIN_KEY: OTHER }).apiKey).toBe(OTHER);
    expect(load().apiKey).toBe('h'.repeat(43));
  });

  it('takes a short key: the orchestrator is the one to refuse it', () => {
    expect(load({ SCRIPT_MESH_API_KEY: 'CHANGEME' }).apiKey).toBe('CHANGEME');
  });

  it.each(['', ' ', 'two words', 'line\nline'])('refuses the key %j', (key) => {
    expect(namesOfFaults(() => load({ SCRIPT_MESH_API_KEY: key }))).toEqual(['SCRIPT_MESH_API_KEY']);
  });

  it('refuses a key file that others can read', () => {
    const file = home.write('api', KEY);
    chmodSync(file, 0o640);
    expect(namesOfFaults(() => load({ SCRIPT_MESH_API_KEY_FILE: file }))).toEqual(['SCRIPT_MESH_API_KEY']);
  });

  it('does without a key that cannot be read in the home folder', () => {
    home.write('cfg', 'a file where the folder should be');
    expect(load().apiKey).toBeNull();
  });

  it('puts a context after the environment and before .env', () => {
    home.write('.env', `ORCHESTRATOR_URL=http://file:1\nSCRIPT_MESH_API_KEY=${OTHER}\n`);
    const context = { ORCHESTRATOR_URL: 'http://context:1' };
    const withContext = (env: Record<string, string>) => loadControllerSettings({ ...home.sources(env), context });
    expect(withContext({})).toEqual({ orchestratorUrl: 'http://context:1', apiKey: OTHER });
    expect(withContext({ ORCHESTRATOR_URL: 'http://env:1' }).orchestratorUrl).toBe('http://env:1');
  });

  it('refuses a wrong address', () => {
    expect(namesOfFaults(() => load({ ORCHESTRATOR_URL: 'mesh:8000' }))).toEqual(['ORCHESTRATOR_URL']);
  });

  it('reads what its log needs without looking for a key', () => {
    home.write('cfg/main.key', 'short');
    const log = (env: Record<string, string> = {}) => loadControllerLogSettings(home.sources(env));
    const defaults = { logMaxFiles: 60, logMaxMegabytes: 256, home: home.path };
    expect(log()).toEqual({ ...defaults, isHomeGiven: false });
    expect(log({ SCRIPT_MESH_HOME: home.path })).toEqual({ ...defaults, isHomeGiven: true });
    expect(log({ SCRIPT_MESH_LOG_MAX_FILES: '3' }).logMaxFiles).toBe(3);
    expect(namesOfFaults(() => log({ SCRIPT_MESH_LOG_MAX_MEGABYTES: '0' }))).toEqual(['SCRIPT_MESH_LOG_MAX_MEGABYTES']);
  });
});
