import { Injectable } from '@nestjs/common';
import type { Principal } from '@scriptmesh/auth';
import { MeshError, type AgentId } from '@scriptmesh/contracts';
import { Database, isUniqueViolation, type Writer } from '@scriptmesh/database';
import { Clock, Ids } from '@scriptmesh/runtime';
import { AuditLog } from '../audit/index.js';
import { AgentsStore } from './agents.store.js';
import { judgeRegistration, type Registration, type RegistrationVerdict } from './domain/registration.js';
import { KeyKeeper } from './key-keeper.js';

export interface RegistrationOutcome {
  readonly agentId: AgentId;
  readonly created: boolean;
}

type Refusal = Extract<RegistrationVerdict, 'case-twin' | 'other-key' | 'not-yours'>;

/** Where ids and times of new agents come from. */
@Injectable()
export class RegistrationSurroundings {
  constructor(
    readonly clock: Clock,
    readonly ids: Ids,
  ) {}
}

/** Takes agents in: a new name, or a known one with the key it already has. Anything else changes nothing. */
@Injectable()
export class RegistrationService {
  constructor(
    private readonly store: AgentsStore,
    private readonly keys: KeyKeeper,
    private readonly db: Database,
    private readonly audit: AuditLog,
    private readonly surroundings: RegistrationSurroundings,
  ) {}

  /** @throws MeshError agent/name-taken, request/malformed for a case twin, auth/forbidden for another's name */
  async register(registration: Registration, by: Principal): Promise<RegistrationOutcome> {
    const outcome = await this.#tryRegister(registration, by).catch((error: unknown) => {
      // Somebody was quicker by a hair: the unique index decided, and the second look finds the winner.
      if (isUniqueViolation(error)) return this.#tryRegister(registration, by);
      throw error;
    });
    if (typeof outcome === 'string') throw refusalOf(outcome, registration.name);
    return outcome;
  }

  #tryRegister(registration: Registration, by: Principal): Promise<RegistrationOutcome | Refusal> {
    return this.db.write(async (trx) => {
      const found = await this.store.findTwin(trx, registration.name);
      const twin = found && {
        agent: found.agent,
        sameKey: this.keys.isStored(registration.key, found.key),
        keyGivenUp: found.key.token === '',
      };
      const verdict = judgeRegistration(registration, twin, by);
      if (verdict === 'create') return this.#create(trx, registration, by);
      const id = (twin as NonNullable<typeof twin>)?.agent.id;
      if (verdict !== 'update' && verdict !== 'take-new-key') {
        await this.#note(trx, `agent.refused`, id ?? registration.name, by, { name: registration.name, why: verdict });
        return verdict;
      }
      if (verdict === 'take-new-key') await this.store.updateKey(trx, id, this.keys.toStore(id, registration.key));
      const labels = registration.labels ?? twin?.agent.labels ?? {};
      await this.store.updateDetails(trx, id, { ...registration, labels });
      const { name, url } = registration;
      await this.#note(trx, 'agent.registered', id, by, { name, url, again: true, newKey: verdict === 'take-new-key' });
      return { agentId: id, created: false };
    });
  }

  async #create(trx: Writer, registration: Registration, by: Principal): Promise<RegistrationOutcome> {
    const id = this.surroundings.ids.uuid() as AgentId;
    const stored = this.keys.toStore(id, registration.key);
    const { name, url, transport, facts, labels = {} } = registration;
    const registeredAtMs = this.surroundings.clock.nowMs();
    await this.store.insert(trx, {
      id,
      name,
      url,
      transport,
      labels,
      facts,
      keyToken: stored.token,
      keyDigest: stored.digest,
      registeredAtMs,
    });
    await this.#note(trx, 'agent.registered', id, by, { name, url });
    return { agentId: id, created: true };
  }

  #note(trx: Writer, action: string, subject: string, by: Principal, detail: Record<string, unknown>): Promise<void> {
    return this.audit.append(trx, [{ principal: by.id, action, subjectKind: 'agent', subject, detail }]);
  }
}

function refusalOf(refusal: Refusal, name: string): MeshError {
  if (refusal === 'case-twin') {
    return new MeshError('request/malformed', `the name "${name}" differs only in case from one that is registered`, {
      hint: 'Use the same spelling, or another name.',
      faults: [{ path: 'name', message: 'differs only in case from a registered name' }],
    });
  }
  if (refusal === 'other-key')
    return new MeshError('agent/name-taken', `the agent "${name}" is registered with another key; nothing was changed`);
  return new MeshError('auth/forbidden', `the key may not register the name "${name}"`);
}
