import { join, resolve, sep } from 'node:path';
import { isFernetKey } from '@scriptmesh/crypto';
import { takeHome } from './home-folder.js';
import { readKeyFile } from './key-files.js';
import { finishSettings, type LoadedProgram } from './loaded-settings.js';
import { takeOwnKey } from './own-key.js';
import { readSchema } from './read-schema.js';
import { ORCHESTRATOR_SCHEMA } from './schema/orchestrator-schema.js';
import type { OrchestratorSettings } from './settings.js';
import { SettingReader, type SettingSources } from './sources.js';
import { takeFailpoints } from './take-failpoints.js';

/**
 * Reads and checks all settings of the orchestrator. Makes cfg/main.key when there is none, unless the sources leave no traces; a missing cfg/fernet.key is
 * left to the program, which must first ask the database whether one was ever there.
 * @throws SettingsError with every fault
 */
export function loadOrchestratorSettings(sources: SettingSources): LoadedProgram<OrchestratorSettings> {
  const reader = new SettingReader(sources);
  const { failpoints, failpointLog, ...values } = readSchema(ORCHESTRATOR_SCHEMA, reader);
  const armed = takeFailpoints({ mode: values.mode, failpoints, failpointLog }, reader);
  const fernetKeys = readFernetKeys(values.fernetKeys, reader);
  const { name } = ORCHESTRATOR_SCHEMA.mainKey;
  takeHome(reader);
  const mainKey = takeOwnKey({ name, file: 'cfg/main.key', given: values.mainKey }, values, reader);
  const dataDir = resolve(reader.home, values.dataDir ?? 'data');
  refuseKeysInDataDir(dataDir, reader);
  const settings = {
    ...values,
    home: reader.home,
    mainKey,
    fernetKeys,
    dataDir,
    acceptNewFernetKey: values.acceptNewFernetKey === 'true',
  };
  // A value that is null here although its type says otherwise has left a fault, so these settings never get out.
  return { ...finishSettings(settings as OrchestratorSettings, reader), failpoints: armed };
}

/** What lies in the data folder is given out over HTTP; the keys and the database must not be among it. */
function refuseKeysInDataDir(dataDir: string, { home, faults }: SettingReader): void {
  const keys = join(home, 'cfg');
  if (!isWithin(dataDir, keys) && !isWithin(keys, dataDir)) return;
  faults.push({
    name: ORCHESTRATOR_SCHEMA.dataDir.name,
    problem: `${dataDir} holds, or lies in, ${keys} with the keys, and everything in the data folder can be read over the API`,
    remedy: 'Name a folder of its own, as in data',
  });
}

const isWithin = (folder: string, path: string): boolean => `${path}${sep}`.startsWith(folder.replace(/[/\\]*$/, sep));

/** The path of the SQLite database. */
export const databaseFile = (home: string): string => join(home, 'scriptmesh.sqlite');

/** The path of the file in which the Fernet keys stand when no setting gives them. */
export const fernetKeyFile = (home: string): string => join(home, 'cfg/fernet.key');

function readFernetKeys(given: string | null, { home, faults }: SettingReader): readonly string[] {
  const { name } = ORCHESTRATOR_SCHEMA.fernetKeys;
  const before = faults.length;
  const kept = given === null ? readKeyFile(name, fernetKeyFile(home), faults) : splitKeys(given);
  const isWrong = kept !== undefined && (kept.length === 0 || !kept.every(isFernetKey));
  if (isWrong && faults.length === before) {
    faults.push({
      name,
      problem: 'it is not one or more Fernet keys of 44 url-safe base64 characters',
      remedy: 'Put the right key back; docs/fernet-key.md shows the way when it is lost',
    });
  }
  return kept ?? [];
}

const splitKeys = (given: string): readonly string[] => given.split(/[\s,]+/).filter((key) => key !== '');
