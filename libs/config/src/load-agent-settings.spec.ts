import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadAgentSettings } from './load-agent-settings.js';
import { namesOfFaults, TrialHome } from './test-support/trial-home.js';

const KEY = 'k'.repeat(43);
const OWN = 'SCRIPT_MESH_AGENT_KEY';
const MAIN = 'SCRIPT_MESH_MAIN_KEY';

describe('settings of the agent', () => {
  let home: TrialHome;
  beforeEach(() => {
    home = new TrialHome();
  });
  afterEach(() => home.remove());

  const load = (env: Record<string, string> = {}) => loadAgentSettings(home.sources(env)).settings;

  it('has the defaults of the design', () => {
    expect(load({ [OWN]: KEY })).toEqual({
      home: home.path,
      mode: 'production',
      logLevel: 'info',
      logMaxFiles: 60,
      logMaxMegabytes: 256,
      name: 'db-3_ScriptMesh_Agent',
      host: '127.0.0.1',
      port: 5001,
      url: null,
      key: KEY,
      registrationKey: null,
      orchestratorUrl: 'http://localhost:8000',
      clientCertificate: null,
      transport: 'http',
      labels: {},
      heartbeatIntervalSeconds: 10,
      maxConcurrentRuns: 8,
      defaultTimeoutSeconds: 86_400,
      killGraceSeconds: 10,
      outputMaxBytes: 104_857_600,
      diskReserveBytes: 268_435_456,
      spoolMaxBytes: 10_737_418_240,
      keptRecords: 10_000,
    });
  });

  it('makes its own key at the first start and keeps it', () => {
    const { key } = load();
    const file = join(home.path, 'cfg/agent.key');
    expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(readFileSync(file, 'utf8').trim()).toBe(key);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(load().key).toBe(key);
  });

  it('never makes a main key', () => {
    expect(load().registrationKey).toBeNull();
    expect(existsSync(join(home.path, 'cfg/main.key'))).toBe(false);
  });

  it('finds the main key in the environment, in the file that it names, or in its home folder', () => {
    const file = home.write('main', `${'f'.repeat(43)}\n`);
    home.write('cfg/main.key', `${'h'.repeat(43)}\n`);
    expect(load({ [MAIN]: KEY }).registrationKey).toBe(KEY);
    expect(load({ [`${MAIN}_FILE`]: file }).registrationKey).toBe('f'.repeat(43));
    expect(load().registrationKey).toBe('h'.repeat(43));
  });

  it('takes a main key that is short: the orchestrator is the one to refuse it', () => {
    expect(load({ [MAIN]: 'CHANGEME' }).registrationKey).toBe('CHANGEME');
  });

  it.each(['', ' ', 'two words'])('refuses the main key %j', (key) => {
    expect(namesOfFaults(() => load({ [MAIN]: key }))).toEqual([MAIN]);
  });

  it('refuses a main key in its home folder that others can read', () => {
    chmodSync(home.write('cfg/main.key', KEY), 0o644);
    expect(namesOfFaults(() => load())).toEqual([MAIN]);
  });

  it.each(['', 'short', 'CHANGEME'])('refuses %j as its own key beyond a trial', (key) => {
    expect(namesOfFaults(() => load({ [OWN]: key }))).toEqual([OWN]);
    expect(
      namesOfFaults(() => load({ [OWN]: key, SCRIPT_MESH_MODE: 'development', SCRIPT_MESH_AGENT_HOST: '0.0.0.0' })),
    ).toEqual([OWN]);
  });

  it.each(['a/b', '..', '*', 'x'.repeat(129), '__proto__'])('refuses the name %j', (name) => {
    expect(namesOfFaults(() => load({ SCRIPT_MESH_AGENT_NAME: name }))).toEqual(['SCRIPT_MESH_AGENT_NAME']);
  });

  it('complains once about an empty name', () => {
    expect(namesOfFaults(() => load({ SCRIPT_MESH_AGENT_NAME: '' }))).toEqual(['SCRIPT_MESH_AGENT_NAME']);
  });

  it('names all faults at once', () => {
    const env = {
      AGENT_URL: 'ftp://x',
      ORCHESTRATOR_URL: 'http://u:p@x',
      SCRIPT_MESH_AGENT_PORT: '70000',
      SCRIPT_MESH_TRANSPORT: 'pigeon',
      SCRIPT_MESH_AGENT_LABELS: 'x',
    };
    expect(new Set(namesOfFaults(() => load(env)))).toEqual(new Set(Object.keys(env)));
    expect(existsSync(join(home.path, 'cfg'))).toBe(false);
  });
});
