import type { AgentId } from '@scriptmesh/contracts';

export interface Registration {
  readonly name: string;
  /** null for an agent that only dials. */
  readonly url: string | null;
  readonly key: string;
  readonly transport: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly facts: Readonly<Record<string, unknown>>;
}

export type RegistrationAnswer =
  | { readonly kind: 'registered'; readonly agentId: AgentId }
  /** An orchestrator of ScriptMesh 0.2: it knows no frames and calls this agent over the three calls of 0.2. */
  | { readonly kind: 'registered-with-0.2' }
  /** The key with which it was asked is not good for it. */
  | { readonly kind: 'key-refused'; readonly why: string }
  /** It will not get better by itself: the name is taken, the address is refused, ... */
  | { readonly kind: 'refused'; readonly why: string; readonly hint: string }
  | { readonly kind: 'unreachable'; readonly why: string };

/** Asks the orchestrator to register this agent. */
export abstract class RegistrationApi {
  /** Never throws. @param apiKey the key that stands for the right to register */
  abstract register(registration: Registration, apiKey: string): Promise<RegistrationAnswer>;
}
