import { createHmac, hkdfSync } from 'node:crypto';

/**
 * Digests of agent keys for finding an agent by its key. An HMAC under a key that is not in the database, because keys of
 * 0.2 agents may be short enough to be guessed from a plain hash.
 */
export class AgentKeyDigester {
  readonly #key: Uint8Array;

  /** @param fernetKey the oldest Fernet key of the installation, so that rotation keeps digests valid */
  constructor(fernetKey: string) {
    this.#key = new Uint8Array(
      hkdfSync('sha256', Buffer.from(fernetKey, 'utf8'), 'scriptmesh', 'scriptmesh agent key digest v1', 32),
    );
  }

  /** 64 hex digits. */
  digest(agentKey: string): string {
    return createHmac('sha256', this.#key).update(agentKey).digest('hex');
  }
}
