import { setTimeout as pause } from 'node:timers/promises';

/** Waits for a state of the outside world. @returns whether it came in time */
export async function until(/** @type {() => unknown} */ holds, /** @type {number} */ withinMs, everyMs = 50) {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) return false;
    await pause(everyMs);
  }
  return true;
}
