import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { supervisorFailpoints } from '@scriptmesh/failpoints';
import { EXIT_TAKEN, READY } from '../../../supervisor/index.js';
import { SUPERVISOR_TEXT } from './supervisor-text.js';

const READY_WITHIN_MS = 20_000;
/** The supervisor writes a line now and then; one whose log has grown beyond this begins it anew. */
const LOG_BYTES = 1024 * 1024;
/**
 * It holds no output, and its work is done by Node's native parts: a small heap and no optimizing compilers keep it as
 * small as no compiler at all would (`--jitless`, which makes each run half a millisecond slower).
 */
const SMALL = ['--single-threaded', '--no-opt', '--no-maglev', '--max-semi-space-size=1', '--max-old-space-size=128'];

/** How the supervisor's program is started by Node. A class, so that it is a token of Nest's as well. */
export abstract class SupervisorProgram {
  /** Node's own arguments. */
  abstract readonly nodeArgs: readonly string[];
  /** `-` when Node reads its text from stdin. */
  abstract readonly file: string;
  abstract readonly text: string | null;
}

/** The one that was built with this agent: beside it, or in the same file. */
export const BUILT_SUPERVISOR: SupervisorProgram =
  SUPERVISOR_TEXT === null
    ? { nodeArgs: SMALL, file: fileURLToPath(new URL('../../../supervisor/main.js', import.meta.url)), text: null }
    : // A file that is written out first could be another one by the time it is read, and is one more thing to clean up.
      { nodeArgs: [...SMALL, '--input-type=commonjs'], file: '-', text: SUPERVISOR_TEXT };

/** Where an orphan can be told from its namesakes and found by its environment. */
export const canSupervise = (): boolean => process.platform === 'linux' && existsSync('/proc/self/environ');

const isLarge = (path: string): boolean => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES;

interface SupervisorPlace {
  readonly spool: string;
  readonly logFile: string;
  readonly version: string;
}

/**
 * Starts the program in a session of its own, with nothing of ours but its log file. Resolves when it can be connected
 * to; `taken` when another one is at work already.
 * @throws with the way it ended, or when it was not ready in time
 */
export async function startSupervisor(program: SupervisorProgram, place: SupervisorPlace): Promise<'ready' | 'taken'> {
  mkdirSync(dirname(place.logFile), { recursive: true });
  const log = openSync(place.logFile, isLarge(place.logFile) ? 'w' : 'a', 0o600);
  const child = spawn(process.execPath, [...program.nodeArgs, program.file, place.spool, place.version], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', ...supervisorFailpoints() },
    detached: true,
    stdio: [program.text === null ? 'ignore' : 'pipe', 'pipe', log],
  });
  closeSync(log);
  child.unref();
  // One that ends before it has read its program says more by its exit code.
  child.stdin?.on('error', () => undefined).end(program.text);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<'ready' | 'taken'>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        if (code === EXIT_TAKEN) resolve('taken');
        else reject(new Error(`the supervisor ended with ${signal ?? `exit code ${code}`}; see ${place.logFile}`));
      });
      child.stdout?.once('data', (data: Buffer) => data.toString().endsWith(READY) && resolve('ready'));
      timer = setTimeout(() => reject(new Error('the supervisor was not ready in time')), READY_WITHIN_MS);
    });
  } finally {
    clearTimeout(timer);
    child.stdout?.destroy();
    child.on('error', () => undefined);
  }
}
