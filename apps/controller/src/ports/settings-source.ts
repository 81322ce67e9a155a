import type { ControllerSettings } from '@scriptmesh/config';

/** The flags that every command takes. */
export interface SettingsFlags {
  readonly url?: string;
  readonly apiKeyFile?: string;
  /** The name of a context. */
  readonly context?: string;
}

/** Where the address and the key come from. Read only by commands that ask the API. */
export abstract class SettingsSource {
  /** @throws MeshError settings/invalid */
  abstract load(flags: SettingsFlags): ControllerSettings;
}
