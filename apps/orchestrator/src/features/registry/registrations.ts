import { Injectable } from '@nestjs/common';
import type { Principal } from '@scriptmesh/auth';
import { RegistrationRules, type LegacyRegistration } from './registration-rules.js';
import { RegistrationService } from './registration.service.js';

/** The registrations of features above: agents of ScriptMesh 0.2, asked for in its words. */
@Injectable()
export class Registrations {
  constructor(
    private readonly rules: RegistrationRules,
    private readonly service: RegistrationService,
  ) {}

  /** @throws MeshError request/malformed, request/invalid, agent/url-refused, agent/name-taken */
  async registerLegacy(registration: LegacyRegistration, by: Principal): Promise<void> {
    await this.service.register(this.rules.checkLegacy(registration), by);
  }
}
