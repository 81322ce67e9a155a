/** All states of a run, in the order of its life. The transition table is `domain/run-state.ts` of the feature runs. */
export const RUN_STATES = [
  'queued',
  'dispatched',
  'running',
  'succeeded',
  'failed',
  'timed_out',
  'cancelled',
  'rejected',
  'expired',
  'lost',
] as const;
export type RunState = (typeof RUN_STATES)[number];

export const LIVE_STATES = ['queued', 'dispatched', 'running'] as const satisfies readonly RunState[];
export type LiveState = (typeof LIVE_STATES)[number];
export type FinalState = Exclude<RunState, LiveState>;

/** Was the script started? `unknown` only with `lost`. */
export const EXECUTED = ['yes', 'no', 'unknown'] as const;
export type Executed = (typeof EXECUTED)[number];

/** Why the node ended a script before it ended by itself: the first durable reason. */
export const KILL_REASONS = ['timed_out', 'cancelled'] as const;
export type KillReason = (typeof KILL_REASONS)[number];

export const STREAMS = ['stdout', 'stderr'] as const;
export type Stream = (typeof STREAMS)[number];

/** Where a run was asked for: the API, a 0.2 route, or on the node itself. */
export const ORIGINS = ['api', 'legacy', 'agent', 'local'] as const;
export type Origin = (typeof ORIGINS)[number];

/** What the orchestrator believes of an agent; display and holding back, never safety. */
export const LIVENESS = ['online', 'suspect', 'offline', 'unknown'] as const;
export type Liveness = (typeof LIVENESS)[number];

export const isFinalState = (state: RunState): state is FinalState =>
  !(LIVE_STATES as readonly string[]).includes(state);
