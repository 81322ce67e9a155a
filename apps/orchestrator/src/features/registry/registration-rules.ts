import { Injectable } from '@nestjs/common';
import { keysEqual } from '@scriptmesh/auth';
import { OrchestratorSettings } from '@scriptmesh/config';
import { isAgentId, isName, LEGACY_TRANSPORT, MeshError, NAME_RULE } from '@scriptmesh/contracts';
import type { RegisterAgentDto } from '@scriptmesh/contracts/dto';
import { AddressPolicy, checkAgentUrl } from '@scriptmesh/transport';
import type { Registration } from './domain/registration.js';

const LEAST_KEY_CHARACTERS = 32;
const MOST_FACTS_BYTES = 16 * 1024;

const LEGACY_KEY = /^[\x21-\x7e]{1,512}$/;

/** What a 0.2 agent says of itself. */
export interface LegacyRegistration {
  readonly name: string;
  readonly url: string;
  readonly key: string;
}

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
    checkIsNoId(dto.name);
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

  /**
   * Keys of 0.2 nodes are as short as their owners made them, and often the main key itself: that is theirs to mend.
   * @throws MeshError agent/url-refused, request/malformed, request/invalid
   */
  checkLegacy({ name, url, key }: LegacyRegistration): Registration {
    if (!isName(name)) throw malformedName(`is not allowed: ${NAME_RULE}`);
    checkIsNoId(name);
    if (!LEGACY_KEY.test(key)) throw invalid('api_key', 'has to be 1 to 512 printable ASCII characters without blanks');
    const checkedUrl = checkAgentUrl(url, this.policy);
    return { name, url: checkedUrl, key, transport: LEGACY_TRANSPORT, labels: undefined, facts: {} };
  }

  #checkKey(key: string): void {
    if (key.length < LEAST_KEY_CHARACTERS && this.settings.mode !== 'development') {
      throw invalid('key', `has ${key.length} characters; at least ${LEAST_KEY_CHARACTERS} are needed`);
    }
    // Its requests would be taken for an operator's.
    if (keysEqual(key, this.settings.mainKey)) throw invalid('key', 'is the main key; give the agent a key of its own');
  }
}

/** Agents are found by name or id: a name that looks like an id could stand for another agent. */
function checkIsNoId(name: string): void {
  if (isAgentId(name)) throw malformedName('must not look like an id');
}

const malformedName = (message: string): MeshError =>
  new MeshError('request/malformed', `the name of the agent ${message}`, { faults: [{ path: 'name', message }] });

const invalid = (path: string, message: string): MeshError =>
  new MeshError('request/invalid', `the registration is not valid: ${path} ${message}`, {
    faults: [{ path, message }],
  });
