import type { Executed, LiveState, RunState } from '@scriptmesh/contracts';

type Arrows = Readonly<Partial<Record<RunState, readonly (Executed | null)[]>>>;

/** The only arrows there are, and what `executed` may then say. A state that is not a key is final. */
export const TRANSITIONS: Readonly<Record<LiveState, Arrows>> = {
  queued: { dispatched: [null], cancelled: ['no'], expired: ['no'] },
  dispatched: {
    running: [null],
    queued: [null],
    rejected: ['no'],
    cancelled: ['no'],
    expired: ['no'],
    lost: ['unknown'],
  },
  running: {
    succeeded: ['yes'],
    failed: ['yes'],
    timed_out: ['yes'],
    cancelled: ['yes'],
    lost: ['yes', 'unknown'],
    rejected: ['no'],
  },
};

export function isLegalMove(from: RunState, to: RunState, executed: Executed | null): boolean {
  if (!Object.hasOwn(TRANSITIONS, from)) return false;
  return TRANSITIONS[from as LiveState][to]?.includes(executed) ?? false;
}
