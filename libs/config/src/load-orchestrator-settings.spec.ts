import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFernetKey } from '@scriptmesh/crypto';
import { EXIT_CONFIG, SettingsError } from './fault.js';
import { fernetKeyFile, loadOrchestratorSettings } from './load-orchestrator-settings.js';
import { faultsOf, namesOfFaults, TrialHome } from './test-support/trial-home.js';

const KEY = 'k'.repeat(43);
const MAIN = 'SCRIPT_MESH_MAIN_KEY';

describe('settings of the orchestrator', () => {
  let home: TrialHome;
  beforeEach(() => {
    home = new TrialHome();
  });
  afterEach(() => home.remove());

  const load = (env: Record<string, string> = {}, flags: Record<string, string> = {}) =>
    loadOrchestratorSettings(home.sources(env, flags));

  it('has the defaults of the design', () => {
    expect(load({ [MAIN]: KEY }).settings).toEqual({
      home: home.path,
      mode: 'production',
      logLevel: 'info',
      logMaxFiles: 60,
      logMaxMegabytes: 256,
      host: '127.0.0.1',
      port: 8000,
      mainKey: KEY,
      fernetKeys: [],
      databaseUrl: null,
      dataDir: join(home.path, 'data'),
      transports: ['http', 'websocket'],
      heartbeatIntervalSeconds: 60,
      heartbeatTimeoutSeconds: 3,
      sweepConcurrency: 1024,
      lostAfterSeconds: 3600,
      deliverWithinSeconds: 600,
      outputMaxBytes: 104_857_600,
      streamKeepAliveSeconds: 5,
      queueMaxRuns: 100_000,
      runRetentionDays: 30,
      runRetentionCount: 1_000_000,
      runRetentionBytes: 10_737_418_240,
      badKeysPerMinute: 20,
      agentAllowedRanges: [],
      trustedProxies: [],
      acceptNewFernetKey: false,
    });
  });

  it.each(['.', '..', '/', 'cfg', 'cfg/data', 'data/../'])(
    'refuses the data folder %s, which has to do with the keys',
    (dataDir) => {
      expect(namesOfFaults(() => load({ [MAIN]: KEY, SCRIPT_MESH_DATA_DIR: dataDir }))).toEqual([
        'SCRIPT_MESH_DATA_DIR',
      ]);
    },
  );

  it.each(['data', 'cfg-data', 'deep/cfg', '../elsewhere'])('takes the data folder %s', (dataDir) => {
    expect(load({ [MAIN]: KEY, SCRIPT_MESH_DATA_DIR: dataDir }).settings.dataDir).toBe(join(home.path, dataDir));
  });

  it('cannot be changed, to the last list', () => {
    const { settings } = load({ [MAIN]: KEY });
    expect(() => ((settings as { port: number }).port = 1)).toThrow(TypeError);
    expect(() => (settings.transports as string[]).push('x')).toThrow(TypeError);
  });

  it('takes flag over environment over file over .env over default', () => {
    const file = home.write('key-in-file', `${'f'.repeat(43)}\n`);
    home.write('.env', `SCRIPT_MESH_PORT=1\nSCRIPT_MESH_HEARTBEAT_TIMEOUT_SECONDS=9\n${MAIN}=${'d'.repeat(43)}\n`);
    const env = { SCRIPT_MESH_PORT: '2' };
    expect(load(env, { SCRIPT_MESH_PORT: '3' }).settings.port).toBe(3);
    expect(load(env).settings.port).toBe(2);
    expect(load().settings.port).toBe(1);
    expect(load().settings.heartbeatTimeoutSeconds).toBe(9);
    expect(load({ [MAIN]: KEY, [`${MAIN}_FILE`]: file }).settings.mainKey).toBe(KEY);
    expect(load({ [`${MAIN}_FILE`]: file }).settings.mainKey).toBe('f'.repeat(43));
    expect(load().settings.mainKey).toBe('d'.repeat(43));
  });

  it('reads .env in the home folder, not in the working folder', () => {
    home.write('.env', 'SCRIPT_MESH_PORT=1');
    home.write('other/.env', 'SCRIPT_MESH_PORT=2');
    expect(load({ SCRIPT_MESH_HOME: 'other' }).settings).toMatchObject({ port: 2, home: join(home.path, 'other') });
  });

  it('names every fault at once, with a remedy, and exits 78', () => {
    const env = {
      SCRIPT_MESH_PORT: 'eighty',
      SCRIPT_MESH_MODE: 'test',
      [MAIN]: 'short',
      DATABASE_URL: 'mysql://u:secret@h',
    };
    const faults = faultsOf(() => load(env));
    expect(faults.map(({ name }) => name)).toEqual(['SCRIPT_MESH_MODE', 'SCRIPT_MESH_PORT', 'DATABASE_URL', MAIN]);
    expect(faults.every(({ remedy }) => remedy.length > 10)).toBe(true);
    const described = new SettingsError(faults).message;
    expect(described.split('\n')).toHaveLength(5);
    expect(described).toContain('SCRIPT_MESH_PORT: "eighty" is not such a number. Give a whole number from 0 to 65535');
    expect(described).not.toContain('secret');
    expect(EXIT_CONFIG).toBe(78);
  });

  it.each([
    'SCRIPT_MESH_HOST',
    'SCRIPT_MESH_PORT',
    'DATABASE_URL',
    'SCRIPT_MESH_HOME',
    'SCRIPT_MESH_TRANSPORTS',
    'SCRIPT_MESH_FERNET_KEY',
    MAIN,
    `${MAIN}_FILE`,
  ])('does not take an empty %s for one that is not set', (name) => {
    expect(faultsOf(() => load({ [name]: '' }))).toHaveLength(1);
  });

  it('wants the home folder named outside of it', () => {
    home.write('.env', 'SCRIPT_MESH_HOME=/elsewhere');
    expect(namesOfFaults(() => load())).toEqual(['SCRIPT_MESH_HOME']);
  });

  it('names what was probably meant by a name that nobody knows', () => {
    home.write('.env', 'SCRIPT_MESH_HEARTBEAT_INTERVAL=5\n');
    const { unknownNames } = load({ [MAIN]: KEY, SCRIPT_MESH_PROT: '1', SCRIPT_MESH_AGENT_PORT: '1', OTHER: 'x' });
    expect(unknownNames).toEqual([
      'SCRIPT_MESH_HEARTBEAT_INTERVAL',
      'SCRIPT_MESH_PROT (did you mean SCRIPT_MESH_PORT?)',
    ]);
  });

  describe('main key', () => {
    const file = () => join(home.path, 'cfg/main.key');

    it('is made at the first start, for its owner only, and kept', () => {
      const { mainKey } = load().settings;
      expect(mainKey).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(readFileSync(file(), 'utf8')).toBe(`${mainKey}\n`);
      expect(statSync(file()).mode & 0o777).toBe(0o600);
      expect(statSync(join(home.path, 'cfg')).mode & 0o777).toBe(0o700);
      expect(readdirSync(join(home.path, 'cfg'))).toEqual(['main.key']);
      expect(load().settings.mainKey).toBe(mainKey);
    });

    it('is not made by a start that fails for another reason', () => {
      namesOfFaults(() => load({ SCRIPT_MESH_PORT: 'x' }));
      expect(existsSync(file())).toBe(false);
    });

    it.each([
      '',
      '   ',
      'CHANGEME',
      'short',
      'k'.repeat(31),
      `CHANGEME${'k'.repeat(40)}`,
      `${KEY} ${KEY}`,
      'ü'.repeat(40),
    ])('is refused as %j, in one line that says how to make one and does not show it', (key) => {
      const [fault, ...more] = faultsOf(() => load({ [MAIN]: key }));
      expect(more).toEqual([]);
      expect(fault?.name).toBe(MAIN);
      expect(fault?.remedy).toMatch(/^Make a key: node -e .*randomBytes/);
      if (key.trim().length > 0) expect(`${fault?.problem}${fault?.remedy}`).not.toContain(key);
    });

    it('may be short or CHANGEME in development mode on loopback, and nowhere else', () => {
      const development = { [MAIN]: 'CHANGEME', SCRIPT_MESH_MODE: 'development' };
      for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) {
        expect(load({ ...development, SCRIPT_MESH_HOST: host }).settings.mainKey).toBe('CHANGEME');
      }
      for (const host of ['0.0.0.0', '::', '192.168.1.1', 'localhost.example.org', '127.0.0.1.example.org']) {
        expect(
          namesOfFaults(() => load({ ...development, SCRIPT_MESH_HOST: host })),
          host,
        ).toEqual([MAIN]);
      }
      expect(namesOfFaults(() => load({ ...development, [MAIN]: '' }))).toEqual([MAIN]);
    });

    it.each([0o640, 0o604, 0o660])('is refused in a file of mode %o, with chmod 600 as the remedy', (mode) => {
      chmodSync(home.write('cfg/main.key', `${KEY}\n`), mode);
      expect(faultsOf(() => load())).toEqual([expect.objectContaining({ remedy: `Run: chmod 600 ${file()}` })]);
    });

    it('is refused in a file that others may read, named by a setting', () => {
      const named = home.write('shared.key', KEY);
      chmodSync(named, 0o644);
      expect(namesOfFaults(() => load({ [`${MAIN}_FILE`]: named }))).toEqual([MAIN]);
    });

    it.each(['', '\n', '  \n\n'])('is not made anew over an empty file (%j)', (text) => {
      home.write('cfg/main.key', text);
      expect(namesOfFaults(() => load())).toEqual([MAIN]);
      expect(readFileSync(file(), 'utf8')).toBe(text);
    });

    it('is missed where a setting names no file', () => {
      const [fault] = faultsOf(() => load({ [`${MAIN}_FILE`]: '/nowhere/key' }));
      expect(fault).toMatchObject({ name: MAIN, problem: `${MAIN}_FILE: there is no file /nowhere/key` });
    });

    it('says so when it cannot be made', () => {
      symlinkSync(join(home.path, 'nowhere'), join(home.path, 'cfg'));
      const [fault] = faultsOf(() => load());
      expect(fault).toMatchObject({ name: MAIN, remedy: `Make the folder writable, or set ${MAIN}` });
    });
  });

  describe('Fernet keys', () => {
    const [one, two] = [makeFernetKey(), makeFernetKey()];
    const keysWith = (env: Record<string, string>) => load({ [MAIN]: KEY, ...env }).settings.fernetKeys;

    it('are read from the file, one a line, newest first', () => {
      home.write('cfg/fernet.key', `${one}\n\n${two}\n`);
      expect(keysWith({})).toEqual([one, two]);
    });

    it('are read from the environment, or from the file that it names', () => {
      const file = home.write('elsewhere.key', `${one}\n${two}\n`);
      expect(keysWith({ SCRIPT_MESH_FERNET_KEY: `${one},${two}` })).toEqual([one, two]);
      expect(keysWith({ SCRIPT_MESH_FERNET_KEY_FILE: file })).toEqual([one, two]);
    });

    it('are left to the program when there are none: the database may know of one', () => {
      expect(keysWith({})).toEqual([]);
      expect(existsSync(fernetKeyFile(home.path))).toBe(false);
    });

    it.each(['nonsense', `${one.slice(0, 43)}`, `${one} nonsense`, one.replace(/^./, '/'), ' '])(
      'are refused as %j',
      (given) => {
        expect(namesOfFaults(() => keysWith({ SCRIPT_MESH_FERNET_KEY: given }))).toEqual(['SCRIPT_MESH_FERNET_KEY']);
      },
    );

    it.each(['', 'half-a-key'])('are refused in a file that holds %j', (text) => {
      home.write('cfg/fernet.key', text);
      expect(namesOfFaults(() => keysWith({}))).toEqual(['SCRIPT_MESH_FERNET_KEY']);
    });
  });
});
