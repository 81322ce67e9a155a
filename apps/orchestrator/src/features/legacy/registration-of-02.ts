import { Injectable } from '@nestjs/common';
import { keysEqual, type Principal } from '@scriptmesh/auth';
import {
  isLegacyReply,
  LEGACY_TRANSPORT,
  legacyDetail,
  legacyReply,
  MeshError,
  readLegacyFields,
  type LegacyReply,
} from '@scriptmesh/contracts';
import { AgentLinks } from '../links/index.js';
import { AgentCredentials, AgentDirectory, Registrations } from '../registry/index.js';
import { findByName } from './find-by-name.js';

const REGISTRATION = { name: ['agent_name'], url: ['url'], key: ['api_key'] } as const;

type Fields = Readonly<Record<keyof typeof REGISTRATION, string>>;

/** POST /register-agent of 0.2. */
@Injectable()
export class RegistrationOf02 {
  constructor(
    private readonly registrations: Registrations,
    private readonly agents: AgentDirectory,
    private readonly credentials: AgentCredentials,
    private readonly links: AgentLinks,
  ) {}

  async register(body: unknown, by: Principal): Promise<LegacyReply> {
    const fields = readLegacyFields(body, REGISTRATION);
    if (isLegacyReply(fields)) return fields;
    try {
      if (!(await this.#isNothingNew(fields))) await this.registrations.registerLegacy(fields, by);
    } catch (error) {
      if (error instanceof MeshError && error.status < 500) return legacyDetail(error.status, error.detail);
      throw error;
    }
    return legacyReply(200, { status: 'registered', agent: fields.name });
  }

  /**
   * Somebody's script registers a node that has been moved to the new agent. Were it taken for one of 0.2, its runs would
   * be given up for lost; so it is asked. A node that goes back to 0.2 registers before it listens, and answers no frame.
   */
  async #isNothingNew({ name, url, key }: Fields): Promise<boolean> {
    const agent = await findByName(this.agents, name);
    if (!agent || agent.transport === LEGACY_TRANSPORT || agent.url !== url.replace(/\/$/, '')) return false;
    // A key that cannot be read any more was given up: the registration brings the new one.
    const known = await this.credentials.getCredential(agent.id).catch(() => undefined);
    return known !== undefined && keysEqual(known.key, key) && (await this.links.poll(agent)) === 'sent';
  }
}
