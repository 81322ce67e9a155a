declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A run's id: a UUIDv7 in lower case, so that ids sort roughly by the time of the request. */
export type RunId = Branded<'RunId'>;
/** An agent's id: a UUIDv7 in lower case; a name registered again after its removal gets a new one. */
export type AgentId = Branded<'AgentId'>;
/** Who holds a credential: `operator:main`, `agent:<agent id>` or `system`. */
export type PrincipalId = Branded<'PrincipalId'>;
/** 128 random bits in hex, minted together with an agent's spool. */
export type JournalId = Branded<'JournalId'>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HEX_128 = /^[0-9a-f]{32}$/;

export const isRunId = (value: unknown): value is RunId => typeof value === 'string' && UUID.test(value);
export const isAgentId = (value: unknown): value is AgentId => typeof value === 'string' && UUID.test(value);
export const isJournalId = (value: unknown): value is JournalId => typeof value === 'string' && HEX_128.test(value);

export const agentPrincipal = (id: AgentId): PrincipalId => `agent:${id}` as PrincipalId;
/** Holds the main key. */
export const MAIN_PRINCIPAL = 'operator:main' as PrincipalId;
/** The orchestrator itself: sweeps, expiry, reconcile. */
export const SYSTEM_PRINCIPAL = 'system' as PrincipalId;
