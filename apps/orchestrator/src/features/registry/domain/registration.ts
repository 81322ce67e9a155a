import type { Principal } from '@scriptmesh/auth';
import type { Agent } from './agent.js';

/** What an agent (or an operator for it) asks for, its fields checked. */
export interface Registration {
  readonly name: string;
  /** null for an agent that only dials itself. */
  readonly url: string | null;
  readonly key: string;
  readonly transport: string;
  /** Absent: labels stay as they are. */
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Twin {
  readonly agent: Agent;
  /** The key it has is the one given. */
  readonly sameKey: boolean;
  /** Its key was given up with a lost Fernet key: the next one that the main key vouches for is taken. */
  readonly keyGivenUp: boolean;
}

export type RegistrationVerdict = 'create' | 'update' | 'take-new-key' | 'case-twin' | 'other-key' | 'not-yours';

/** What is to be done with a registration, given who has the name already. */
export function judgeRegistration(
  { name }: Pick<Registration, 'name'>,
  twin: Twin | undefined,
  by: Principal,
): RegistrationVerdict {
  if (!twin) return by.kind === 'operator' ? 'create' : 'not-yours';
  if (twin.agent.name !== name) return 'case-twin';
  if (by.kind === 'agent' && !by.agentIds.includes(twin.agent.id)) return 'not-yours';
  if (twin.sameKey) return 'update';
  return twin.keyGivenUp && by.kind === 'operator' ? 'take-new-key' : 'other-key';
}
