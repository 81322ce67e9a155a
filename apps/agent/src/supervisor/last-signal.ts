import { readEndSignal } from './process-identity.js';

/** From the first that has no name in Node; 32 and 33 are the C library's own. */
const FIRST_UNNAMED = 32;
const SIGRTMIN = 34;
/** A process closes its pipes a moment before the system tells how it ended, and may need our processor for that. */
const MOST_LOOKS = 50;
const PAUSE_MS = 0.1;
const CLOCK = new Int32Array(new SharedArrayBuffer(4));

/**
 * Node tells of a process that a real-time signal has ended as of one that has ended with code 0. The system knows better
 * until the process is waited for, which Node does after it has read the ends of its pipes; so this is asked then.
 * @returns the signal's name; null when the process ended otherwise, or lives on without its pipes
 */
export function findUnnamedSignal(pid: number): string | null {
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const signal = readEndSignal(pid);
    if (signal !== undefined) return signal < FIRST_UNNAMED ? null : nameOf(signal);
    Atomics.wait(CLOCK, 0, 0, PAUSE_MS);
  }
  return null;
}

function nameOf(signal: number): string {
  if (signal < SIGRTMIN) return `SIG${signal}`;
  return signal === SIGRTMIN ? 'SIGRTMIN' : `SIGRTMIN+${signal - SIGRTMIN}`;
}
