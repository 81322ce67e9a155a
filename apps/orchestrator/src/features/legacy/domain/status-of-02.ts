import type { Liveness } from '@scriptmesh/contracts';

export interface StatusFacts {
  /** It is of ScriptMesh 0.2 and says nothing of its own accord. */
  readonly isOnlyPolled: boolean;
  readonly liveness: Liveness;
  /** By the last sweep since this program started; undefined before it. */
  readonly found: string | undefined;
}

/**
 * The `status` of /agent-status: what the last sweep found. An agent that speaks of its own accord is not offline
 * because it was not reached; one that does not is not online because it answered the sweep before.
 */
export function statusOf02({ isOnlyPolled, liveness, found }: StatusFacts): string {
  if (isOnlyPolled) return found ?? 'unknown';
  if (liveness === 'online') return 'online';
  if (found !== undefined) return found;
  return liveness === 'suspect' ? 'online' : liveness;
}
