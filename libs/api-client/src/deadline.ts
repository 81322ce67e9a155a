import type { Clock } from '@scriptmesh/runtime';

/** Runs `work` with a signal that fires when `timeoutMs` have passed or `outer` fires, whichever is first. */
export async function withDeadline<T>(
  clock: Clock,
  timeoutMs: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const late = Object.assign(new Error(`no answer within ${timeoutMs} ms`), { code: 'ETIMEDOUT' });
  const timer = clock.after(timeoutMs, () => deadline.abort(late));
  try {
    return await work(outer === undefined ? deadline.signal : AbortSignal.any([deadline.signal, outer]));
  } finally {
    timer.stop();
  }
}
