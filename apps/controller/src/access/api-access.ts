import { Injectable } from '@nestjs/common';
import { ApiClient } from '@scriptmesh/api-client';
import { MeshError } from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import { SettingsSource } from '../ports/settings-source.js';
import { GlobalFlags } from './global-flags.js';

/** Opens the API for a command: settings are read only now, so that help and local commands need none. */
@Injectable()
export class ApiAccess {
  constructor(
    private readonly flags: GlobalFlags,
    private readonly settings: SettingsSource,
    private readonly clock: Clock,
  ) {}

  /** @throws MeshError auth/unauthorized when no key is found */
  client(): ApiClient {
    const { orchestratorUrl: url, apiKey } = this.settings.load(this.flags.value);
    if (apiKey === null) {
      throw new MeshError('auth/unauthorized', `no key for the orchestrator at ${url} was found`, {
        hint: 'Run "scriptmesh login", set SCRIPT_MESH_API_KEY_FILE or SCRIPT_MESH_API_KEY, give --api-key-file FILE, or start in the home folder of the orchestrator.',
      });
    }
    return this.open(url, apiKey);
  }

  /** With a key that is not in the settings (yet). */
  open(url: string, apiKey: string): ApiClient {
    return new ApiClient({ url, apiKey, clock: this.clock });
  }
}
