import type { AgentId, PrincipalId } from '@scriptmesh/contracts';

/** Who makes a request. */
export type Principal =
  | { readonly kind: 'operator'; readonly id: PrincipalId }
  | { readonly kind: 'agent'; readonly id: PrincipalId; readonly agentIds: readonly AgentId[] };
