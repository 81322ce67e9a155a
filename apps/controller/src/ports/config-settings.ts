import {
  type ControllerSettings,
  loadControllerSettings,
  processSources,
  SettingsError,
  type SettingSources,
} from '@scriptmesh/config';
import { MeshError } from '@scriptmesh/contracts';
import { type SettingsFlags, SettingsSource } from './settings-source.js';

/** The settings of this process: flags, environment, files. */
export class ConfigSettings extends SettingsSource {
  constructor(private readonly sources: SettingSources = processSources()) {
    super();
  }

  override load(flags: SettingsFlags): ControllerSettings {
    try {
      return loadControllerSettings(withFlags(this.sources, flags));
    } catch (error) {
      throw error instanceof SettingsError ? toMeshError(error) : error;
    }
  }
}

/** A file named on the command line wins over a key in the environment, as any flag does. */
function withFlags(sources: SettingSources, { url, apiKeyFile }: SettingsFlags): SettingSources {
  const keyFile = { SCRIPT_MESH_API_KEY: undefined, SCRIPT_MESH_API_KEY_FILE: apiKeyFile };
  return {
    ...sources,
    flags: { ...sources.flags, ...(url === undefined ? {} : { ORCHESTRATOR_URL: url }) },
    env: { ...sources.env, ...(apiKeyFile === undefined ? {} : keyFile) },
  };
}

const toMeshError = (error: SettingsError): MeshError =>
  new MeshError('settings/invalid', 'settings of the command line are wrong', {
    cause: error,
    hint: 'Mend the settings listed, or the flags that set them.',
    faults: error.faults.map(({ name, problem, remedy }) => ({ path: name, message: `${problem}. ${remedy}` })),
  });
