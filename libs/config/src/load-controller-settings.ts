import { join } from 'node:path';
import { checkNamedHome } from './home-folder.js';
import { findKeyInFile } from './key-files.js';
import { checkForeignKey } from './key-rules.js';
import { finishSettings } from './loaded-settings.js';
import { readSchema } from './read-schema.js';
import { CONTROLLER_SCHEMA } from './schema/controller-schema.js';
import type { ControllerLogSettings, ControllerSettings } from './settings.js';
import { SettingReader, type SettingSources } from './sources.js';

/**
 * Reads the settings of the command line. The key is optional: only commands that call the API need one.
 * @throws SettingsError with every fault
 */
export function loadControllerSettings(sources: SettingSources): ControllerSettings {
  const reader = new SettingReader(sources);
  const { orchestratorUrl, apiKey, mainKey } = readSchema(CONTROLLER_SCHEMA, reader);
  checkNamedHome(reader);
  const settings = { orchestratorUrl, apiKey: chooseKey(apiKey, mainKey, reader) };
  return finishSettings(settings as ControllerSettings, reader).settings;
}

/**
 * Reads what the command line's own log needs, and no key: a log is kept also of commands that need none.
 * @throws SettingsError with every fault
 */
export function loadControllerLogSettings(sources: SettingSources): ControllerLogSettings {
  const reader = new SettingReader(sources);
  const { logMaxFiles, logMaxMegabytes } = CONTROLLER_SCHEMA;
  const values = readSchema({ logMaxFiles, logMaxMegabytes }, reader);
  checkNamedHome(reader);
  const isHomeGiven = reader.find(CONTROLLER_SCHEMA.home.name, false) !== undefined;
  return finishSettings({ ...values, home: reader.home, isHomeGiven } as ControllerLogSettings, reader).settings;
}

/** The key of its own, else the main key, else the one in the home folder, if this user may read it. */
function chooseKey(apiKey: string | null, mainKey: string | null, { home, faults }: SettingReader): string | null {
  const { name } = apiKey === null ? CONTROLLER_SCHEMA.mainKey : CONTROLLER_SCHEMA.apiKey;
  if (faults.length > 0) return null;
  const key = apiKey ?? mainKey ?? findKeyInFile(name, join(home, 'cfg/main.key'), faults) ?? null;
  if (key !== null && faults.length === 0) checkForeignKey(name, key, faults);
  return key;
}
