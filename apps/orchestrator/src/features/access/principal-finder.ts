import { Injectable } from '@nestjs/common';
import { BadKeyLimiter, keysEqual, type Principal } from '@scriptmesh/auth';
import { OrchestratorSettings } from '@scriptmesh/config';
import { agentPrincipal, MAIN_PRINCIPAL, MeshError } from '@scriptmesh/contracts';
import { AgentKeyLookup } from './agent-key-lookup.js';

/** Says who holds a key, and answers bad keys from one address more and more coolly. */
@Injectable()
export class PrincipalFinder {
  constructor(
    private readonly settings: OrchestratorSettings,
    private readonly agents: AgentKeyLookup,
    private readonly limiter: BadKeyLimiter,
  ) {}

  /**
   * @param address whose bad keys are counted together
   * @throws MeshError auth/unauthorized without a key or with a bad one; auth/rate-limited for one bad key too many
   */
  async getPrincipal(key: string | undefined, address: string): Promise<Principal> {
    if (key === undefined) throw refuseKey();
    if (keysEqual(key, this.settings.mainKey)) return { kind: 'operator', id: MAIN_PRINCIPAL };
    const agentIds = await this.agents.findAgents(key);
    const [first] = agentIds;
    if (first) return { kind: 'agent', id: agentPrincipal(first), agentIds };
    const retryAfterSeconds = this.limiter.countBadKey(address);
    if (retryAfterSeconds === undefined) throw refuseKey();
    throw new MeshError('auth/rate-limited', 'too many bad keys came from this address', { retryAfterSeconds });
  }
}

/** One for all: whether a key is missing, wrong or revoked is not told. */
export const refuseKey = (): MeshError => new MeshError('auth/unauthorized', 'a valid key is needed');
