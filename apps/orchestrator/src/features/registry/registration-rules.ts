import { Injectable } from '@nestjs/common';
import { keysEqual } from '@scriptmesh/auth';
import { OrchestratorSettings } from '@scriptmesh/config';
import { isAgentId, MeshError } from '@scriptmesh/contracts';
import type { RegisterAgentDto } from '@scriptmesh/contracts/dto';
import { AddressPolicy, checkAgentUrl } from '@scriptmesh/transport';
import type { Registration } from './domain/registration.js';

const LEAST_KEY_CHARACTERS = 32;
const MOST_FACTS_BYTES = 16 * 1024;

/** Checks what a registration asks for beyond the shape of its fields. */
@Injectable()
export class RegistrationRules {
  constructor(
    private readonly settings: OrchestratorSettings,
    private readonly policy: AddressPolicy,
  ) {}

  /** @throws MeshError agent/url-refused, request/invalid */
  check(dto: RegisterAgentDto): Registration {
    const url = dto.url === undefined || dto.url === null ? null : checkAgentUrl(dto.url, this.policy);
    if (isAgentId(dto.name)) {
      // Agents are found by name or id: a name that looks like an id could stand for another agent.
      throw new MeshError('request/malformed', 'the name of the agent looks like an id', {
        faults: [{ path: 'name', message: 'must not look like an id' }],
      });
    }
    this.#checkKey(dto.key);
    const facts = dto.facts ?? {};
    if (JSON.stringify(facts).length > MOST_FACTS_BYTES)
      throw invalid('facts', `are larger than ${MOST_FACTS_BYTES} bytes`);
    if (!(this.settings.transports as readonly string[]).includes(dto.transport)) {
      throw invalid(
        'transport',
        `"${dto.transport}" is not switched on here; there is ${this.settings.transports.join(', ')}`,
      );
    }
    return { name: dto.name, url, key: dto.key, transport: dto.transport, labels: dto.labels, facts };
  }

  #checkKey(key: string): void {
    if (key.length < LEAST_KEY_CHARACTERS && this.settings.mode !== 'development') {
      throw invalid('key', `has ${key.length} characters; at least ${LEAST_KEY_CHARACTERS} are needed`);
    }
    // Its requests would be taken for an operator's.
    if (keysEqual(key, this.settings.mainKey)) throw invalid('key', 'is the main key; give the agent a key of its own');
  }
}

const invalid = (path: string, message: string): MeshError =>
  new MeshError('request/invalid', `the registration is not valid: ${path} ${message}`, {
    faults: [{ path, message }],
  });
