import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { MeshError } from '@scriptmesh/contracts';
import { Machine } from './machine.js';

export class ThisMachine extends Machine {
  override readonly isRoot = process.getuid?.() === 0;
  override readonly hasSystemd = existsSync('/run/systemd/system');
  override readonly node = process.execPath;

  constructor(override readonly packageRoot: string) {
    super();
  }

  override read(path: string): Buffer | undefined {
    return existsSync(path) ? readFileSync(path) : undefined;
  }

  /** Whoever reads meanwhile sees the old file or the new one. The modes are those of a service, whatever root's umask. */
  override write(path: string, content: Buffer, mode: number): void {
    const umask = process.umask(0o022);
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
      writeFileSync(`${path}.new`, content, { mode });
    } finally {
      process.umask(umask);
    }
    renameSync(`${path}.new`, path);
  }

  override remove(path: string): void {
    rmSync(path, { recursive: true, force: true });
  }

  override hasUser(name: string): boolean {
    return spawnSync('id', ['-u', name], { stdio: 'ignore' }).status === 0;
  }

  override run(program: string, args: readonly string[]): void {
    const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
    if (status === 0) return;
    const why = error?.message ?? (stderr.trim() || `it ended with ${status}`);
    throw new MeshError('internal/unexpected', `"${[program, ...args].join(' ')}" failed: ${why}`, {
      hint: 'Mend that and run the command again: what is done already is not done twice.',
    });
  }
}
