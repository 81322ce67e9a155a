import type { Clock } from '@scriptmesh/runtime';

/** Waits, unless the signal fires: then throws its reason at once. */
export async function pause(clock: Clock, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise: aborted, stop } = rejectedBy(signal);
  const waited = new Promise<void>((resolve) => void clock.after(delayMs, resolve));
  try {
    await Promise.race([waited, aborted]);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function rejectedBy(signal: AbortSignal | undefined): { readonly promise: Promise<void>; readonly stop: () => void } {
  const deferred: { reject?: (reason: unknown) => void } = {};
  const promise = new Promise<void>((_, reject) => (deferred.reject = reject));
  const stop = (): void => deferred.reject?.(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  return { promise, stop };
}
