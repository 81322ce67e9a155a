import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadAgentSettings } from './load-agent-settings.js';
import { loadControllerLogSettings, loadControllerSettings } from './load-controller-settings.js';
import { loadOrchestratorSettings } from './load-orchestrator-settings.js';
import { faultsOf, TrialHome } from './test-support/trial-home.js';

const KEY = 'k'.repeat(43);
const KEYS = { SCRIPT_MESH_AGENT_KEY: KEY, SCRIPT_MESH_MAIN_KEY: KEY };
const LOADERS = [
  ['the agent', loadAgentSettings],
  ['the orchestrator', loadOrchestratorSettings],
  ['the command line', loadControllerSettings],
  ["the command line's log", loadControllerLogSettings],
] as const;

describe('the home folder', () => {
  let home: TrialHome;
  beforeEach(() => {
    home = new TrialHome();
  });
  afterEach(() => home.remove());

  // Before, each of them never came back: in /proc a folder that is missing cannot be made, and says so with ENOENT.
  describe.skipIf(process.platform !== 'linux').each(LOADERS.slice(0, 2))('of %s', (_, load) => {
    it.each([
      ['with keys at hand', KEYS],
      ['with keys to be made', {}],
    ])('is a fault when it cannot be made, %s', (__, keys) => {
      for (const path of ['/proc/nope', '/proc/nope/deep/er']) {
        expect(faultsOf(() => load(home.sources({ ...keys, SCRIPT_MESH_HOME: path })))).toEqual([
          {
            name: 'SCRIPT_MESH_HOME',
            problem: `the home folder ${path} cannot be made or cannot hold folders (ENOENT)`,
            remedy: 'Name a folder that this user may make and write in',
          },
        ]);
      }
    });
  });

  it.skipIf(process.platform !== 'linux').each(LOADERS.slice(0, 2))(
    'of %s is a fault when it can hold no folders, or is a file',
    (_, load) => {
      const file = home.write('file', '');
      for (const path of ['/proc', file, join(file, 'home')]) {
        const faults = faultsOf(() => load(home.sources({ ...KEYS, SCRIPT_MESH_HOME: path })));
        expect(faults).toMatchObject([{ name: 'SCRIPT_MESH_HOME', problem: expect.stringContaining(path) }]);
      }
    },
  );

  it('is made for its owner alone, with those above it', () => {
    const path = join(home.path, 'a/b');
    expect(loadAgentSettings(home.sources({ ...KEYS, SCRIPT_MESH_HOME: path })).settings.home).toBe(path);
    expect([path, join(path, 'cfg')].map((folder) => statSync(folder).mode & 0o777)).toEqual([0o700, 0o700]);
  });

  it.each(LOADERS)('of %s is not made by who only looks, nor is a key', (_, load) => {
    const path = join(home.path, 'a/b');
    load({ ...home.sources({ SCRIPT_MESH_HOME: path }), leavesNoTraces: true });
    expect(existsSync(join(home.path, 'a'))).toBe(false);
  });

  it.each(LOADERS.slice(0, 2))(
    'of %s is a fault for who only looks, too, when it is a file or lies in one',
    (_, load) => {
      const file = home.write('file', '');
      for (const path of [file, join(file, 'home'), join(file, 'deep/home')]) {
        const sources = { ...home.sources({ SCRIPT_MESH_HOME: path }), leavesNoTraces: true };
        expect(faultsOf(() => load(sources))).toMatchObject([{ name: 'SCRIPT_MESH_HOME' }]);
      }
    },
  );

  it('is not made when anything else is wrong', () => {
    const env = {
      ...KEYS,
      SCRIPT_MESH_HOME: join(home.path, 'new'),
      SCRIPT_MESH_AGENT_PORT: 'x',
      SCRIPT_MESH_PORT: 'x',
    };
    for (const [, load] of LOADERS.slice(0, 2)) faultsOf(() => load(home.sources(env)));
    expect(existsSync(join(home.path, 'new'))).toBe(false);
  });

  it('is left alone by the command line when it is there, or when none was named', () => {
    loadControllerSettings(home.sources({ SCRIPT_MESH_HOME: home.path }));
    loadControllerLogSettings(home.sources());
    expect(readdirSync(home.path)).toEqual([]);
  });
});
