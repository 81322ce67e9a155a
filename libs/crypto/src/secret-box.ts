import { MeshError, type AgentId } from '@scriptmesh/contracts';
import type { Clock } from '@scriptmesh/runtime';
import { Fernet } from './fernet.js';

/** Keeps secrets of agents as Fernet tokens. The agent's id is bound inside, so that two tokens cannot be swapped. */
export class SecretBox {
  readonly #keys: readonly Fernet[];

  /** @param fernetKeys newest first: the first encrypts, all decrypt */
  constructor(
    fernetKeys: readonly string[],
    private readonly clock: Clock,
  ) {
    this.#keys = fernetKeys.map((key) => new Fernet(key));
  }

  seal(agentId: AgentId, secret: string): string {
    const [newest] = this.#keys;
    if (!newest) throw new MeshError('crypto/wrong-fernet-key', 'there is no Fernet key to encrypt with');
    return newest.encrypt(Buffer.from(JSON.stringify({ agentId, secret })), this.clock.nowMs() / 1000);
  }

  /** @throws MeshError crypto/bad-token when no key fits or the token belongs to another agent */
  open(agentId: AgentId, token: string): string {
    const plain = this.#decrypt(token);
    if (!plain)
      throw new MeshError(
        'crypto/bad-token',
        `the stored secret of agent ${agentId} was not made with a Fernet key of this installation`,
      );
    const bound = readBound(plain);
    if (!bound) {
      throw new MeshError(
        'crypto/bad-token',
        `the stored secret of agent ${agentId} names no agent: it was not written by this program`,
      );
    }
    if (bound.agentId !== agentId) {
      throw new MeshError(
        'crypto/bad-token',
        `the stored secret of agent ${agentId} belongs to another agent: rows of the database were swapped`,
      );
    }
    return bound.secret;
  }

  #decrypt(token: string): Buffer | undefined {
    for (const key of this.#keys) {
      const plain = key.decrypt(token);
      if (plain) return plain;
    }
    return undefined;
  }
}

/** What `seal` put in, or undefined when the token was made by something else, as in 0.2, which bound nothing. */
function readBound(plain: Buffer): { agentId: string; secret: string } | undefined {
  try {
    const { agentId, secret } = JSON.parse(plain.toString('utf8')) as Record<string, unknown>;
    return typeof agentId === 'string' && typeof secret === 'string' ? { agentId, secret } : undefined;
  } catch {
    return undefined;
  }
}
