import {
  type ControllerSettings,
  loadControllerSettings,
  processSources,
  SettingsError,
  type SettingSources,
} from '@scriptmesh/config';
import { MeshError } from '@scriptmesh/contracts';
import type { Context } from '../contexts/context-book.js';
import { getContext } from '../contexts/context-fault.js';
import type { ContextStore } from './context-store.js';
import { type SettingsFlags, SettingsSource } from './settings-source.js';

/** The settings of this process: flags, environment, context, files. */
export class ConfigSettings extends SettingsSource {
  constructor(
    private readonly contexts: ContextStore,
    private readonly sources: SettingSources = processSources(),
  ) {
    super();
  }

  override load(flags: SettingsFlags): ControllerSettings {
    const { contexts, sources } = this;
    const book = contexts.load();
    const name = flags.context ?? book.current;
    const context = name === null ? null : getContext(book, name);
    try {
      return loadControllerSettings(withFlags(sources, flags, context));
    } catch (error) {
      throw error instanceof SettingsError ? toMeshError(error) : error;
    }
  }
}

/**
 * A file named on the command line wins over a key in the environment, as any flag does; so does a context named there,
 * while the current one comes after the environment.
 */
function withFlags(sources: SettingSources, flags: SettingsFlags, context: Context | null): SettingSources {
  const { url, apiKeyFile } = flags;
  const keyFile = { SCRIPT_MESH_API_KEY: undefined, SCRIPT_MESH_API_KEY_FILE: apiKeyFile };
  const isNamed = flags.context !== undefined;
  const fallback = isNamed ? undefined : sources.env['ORCHESTRATOR_URL'];
  const values = context === null ? {} : contextValues(context, url ?? fallback, apiKeyFile !== undefined);
  return {
    ...sources,
    flags: { ...sources.flags, ...(isNamed ? values : {}), ...(url === undefined ? {} : { ORCHESTRATOR_URL: url }) },
    env: { ...sources.env, ...(apiKeyFile === undefined ? {} : keyFile) },
    context: isNamed ? {} : values,
  };
}

/** The key of a context goes to its own address only: another one that outranks it does not get it. */
function contextValues({ url, apiKey }: Context, otherUrl: string | undefined, hasKey: boolean) {
  const isElsewhere = otherUrl !== undefined && otherUrl.replace(/\/+$/, '') !== url;
  return {
    ORCHESTRATOR_URL: url,
    ...(apiKey === null || isElsewhere || hasKey ? {} : { SCRIPT_MESH_API_KEY: apiKey }),
  };
}

const toMeshError = (error: SettingsError): MeshError =>
  new MeshError('settings/invalid', 'settings of the command line are wrong', {
    cause: error,
    hint: 'Mend the settings listed, or the flags that set them.',
    faults: error.faults.map(({ name, problem, remedy }) => ({ path: name, message: `${problem}. ${remedy}` })),
  });
