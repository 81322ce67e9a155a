import { Injectable } from '@nestjs/common';
import { keysEqual } from '@scriptmesh/auth';
import type { AgentId } from '@scriptmesh/contracts';
import { AgentKeyDigester, SecretBox } from '@scriptmesh/crypto';
import type { StoredKey } from './agents.store.js';

/** Turns an agent's key into what is stored of it, and compares a given key with that. */
@Injectable()
export class KeyKeeper {
  constructor(
    private readonly box: SecretBox,
    private readonly digester: AgentKeyDigester,
  ) {}

  toStore(agent: AgentId, key: string): StoredKey {
    return { token: this.box.seal(agent, key), digest: this.digester.digest(key) };
  }

  isStored(key: string, stored: StoredKey): boolean {
    return keysEqual(this.digester.digest(key), stored.digest);
  }
}
