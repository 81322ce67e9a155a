import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface SecondProcess {
  /** The first thing that it wrote to stdout, without blanks around it. */
  readonly firstWords: string;
  /** Ends it without a chance to clean up, and waits until it is gone. */
  kill(): Promise<void>;
}

/**
 * Runs `source` (an ES module that may import this workspace's TypeScript by absolute path or alias) in a process of
 * its own, and waits until it has written something.
 * @throws Error with what it wrote to stderr when it ended before that
 */
export async function startSecondProcess(source: string): Promise<SecondProcess> {
  const loader = fileURLToPath(new URL('./typescript-loader.mjs', import.meta.url));
  const child = spawn(process.execPath, ['--import', loader, '--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const firstWords = await readFirstWords(child);
  return {
    firstWords,
    async kill() {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function readFirstWords(child: ChildProcess): Promise<string> {
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once('close', () => reject(new Error(`the second process ended early:\n${complaint}`)));
  });
}
