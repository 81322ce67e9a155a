import { existsSync } from 'node:fs';
import type { StartOrder } from './words.js';

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'may not be executed (EACCES): it is not executable, or its file system is mounted noexec',
  EPERM: 'may not be executed (EPERM)',
  ETXTBSY: 'is being written to by another program (ETXTBSY)',
  ENOEXEC: 'is no program that this system can execute (ENOEXEC)',
  E2BIG: 'was handed more parameters than the system takes (E2BIG)',
  EAGAIN: 'could not be started: the system has no room for another process (EAGAIN)',
  ENOMEM: 'could not be started: out of memory (ENOMEM)',
  EMFILE: 'could not be started: the supervisor has no free descriptor (EMFILE)',
  ESTALE: 'was not started: the script has changed since it was checked (ESTALE)',
  ENFILE: 'could not be started: the system has no free descriptor (ENFILE)',
};

/** Says in words why the program of an order could not be started. */
export function explainSpawnFailure(order: StartOrder, error: unknown): string {
  const program = JSON.stringify(order.argv[0] ?? '');
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') {
    // The system gives one code for both.
    return existsSync(order.cwd) ? `${program} does not exist (ENOENT)` : 'the working folder does not exist (ENOENT)';
  }
  return `${program} ${WORDS[code ?? ''] ?? `could not be started (${code ?? message})`}`;
}
