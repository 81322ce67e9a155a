import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MeshError } from '@scriptmesh/contracts';
import { signalExitCode } from '../exit-code.js';
import { BUILT_PROGRAMS, type ProgramName, Programs } from './programs.js';

const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Starts the built programs under `packageRoot`. */
export class SpawnedPrograms extends Programs {
  constructor(private readonly packageRoot: string) {
    super();
  }

  override run(program: ProgramName, args: readonly string[]): Promise<number> {
    const file = join(this.packageRoot, BUILT_PROGRAMS[program]);
    if (!existsSync(file)) {
      throw new MeshError('internal/unexpected', `the program ${program} is not built`, {
        hint: 'Run "npm run build".',
      });
    }
    const child = spawn(process.execPath, [file, ...args], { stdio: 'inherit' });
    // On a terminal Ctrl-C reaches the whole group; a second one from us would be taken for impatience.
    const passOn = (signal: NodeJS.Signals): void => {
      if (signal !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(signal);
    };
    for (const signal of PASSED_ON) process.on(signal, passOn);
    return new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? signalExitCode(signal)));
    }).finally(() => {
      for (const signal of PASSED_ON) process.off(signal, passOn);
    });
  }
}
