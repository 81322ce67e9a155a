import { Injectable } from '@nestjs/common';
import { MeshError, type AgentId } from '@scriptmesh/contracts';
import { FrameSealer, SecretBox } from '@scriptmesh/crypto';
import { AgentsStore } from './agents.store.js';

export interface AgentCredential {
  readonly key: string;
  readonly sealer: FrameSealer;
}

/** Agents' keys, decrypted once and kept: an agent's key never changes while it has its id. */
@Injectable()
export class AgentCredentials {
  readonly #known = new Map<AgentId, AgentCredential>();

  constructor(
    private readonly store: AgentsStore,
    private readonly box: SecretBox,
  ) {}

  /** @throws MeshError agent/not-found; crypto/bad-token when the stored key cannot be read */
  async getCredential(agent: AgentId): Promise<AgentCredential> {
    const known = this.#known.get(agent);
    if (known) return known;
    const stored = await this.store.findKey(agent);
    if (!stored || stored.token === '') throw new MeshError('agent/not-found', `no key is stored for agent ${agent}`);
    const key = this.box.open(agent, stored.token);
    const credential = { key, sealer: new FrameSealer(key) };
    this.#known.set(agent, credential);
    return credential;
  }

  forget(agent: AgentId): void {
    this.#known.delete(agent);
  }
}
