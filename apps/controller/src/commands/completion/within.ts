import type { Clock } from '@scriptmesh/runtime';

/** What `work` gives, or undefined when it has given nothing by then; it is not stopped, and its later end is ignored. */
export function within<T>(clock: Clock, patienceMs: number, work: Promise<T>): Promise<T | undefined> {
  let stop = (): void => {};
  const over = new Promise<undefined>((resolve) => {
    const timer = clock.after(patienceMs, () => resolve(undefined));
    stop = () => timer.stop();
  });
  return Promise.race([work, over]).finally(() => stop());
}
