import type { Logger } from '@scriptmesh/logging';

const EXIT_INTERRUPTED = 130;
const CRASH_EXIT_CODE = 1;
/** What still holds the process after everything was closed is a fault of ours; the one who stops us must not wait for it. */
const LINGER_MS = 2000;

/** Resolves with the first TERM or INT; a second one ends the program at once. */
export function waitForStop(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (stopping) process.exit(EXIT_INTERRUPTED);
      stopping = true;
      resolve(signal);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}

/** An error that nobody caught leaves the program in an unknown state: it ends, and its last words go through the log, which hides secrets. */
export function endOnCrash(log: Logger): void {
  const crash = (error: unknown): void => {
    log.error('orchestrator.crashed', { error });
    process.exit(CRASH_EXIT_CODE);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
}

/** Ends the process even if something is left over; does nothing when the process ends by itself. */
export function endSoon(log: Logger): void {
  setTimeout(() => {
    log.warn('orchestrator.lingered', { handles: process.getActiveResourcesInfo() });
    process.exit();
  }, LINGER_MS).unref();
}
