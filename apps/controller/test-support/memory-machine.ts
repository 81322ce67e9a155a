import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Machine } from '../src/ports/machine.js';
import { findPackageRoot } from '../src/version.js';

/** A machine with nothing on it but this project's units and a built program of each kind. */
export class MemoryMachine extends Machine {
  override isRoot = true;
  override hasSystemd = true;
  override node = '/usr/bin/node';
  override packageRoot = '/opt/scriptmesh';
  readonly files = new Map<string, { content: string; mode: number }>();
  readonly users = new Set<string>();
  readonly ran: string[] = [];

  override read(path: string): Buffer | undefined {
    const written = this.files.get(path);
    if (written) return Buffer.from(written.content);
    if (path.startsWith(join(this.packageRoot, 'ops'))) {
      return readFileSync(join(findPackageRoot(), path.slice(this.packageRoot.length)));
    }
    return path.startsWith(join(this.packageRoot, 'dist')) ? Buffer.from('the program') : undefined;
  }
  override write(path: string, content: Buffer, mode: number): void {
    this.files.set(path, { content: content.toString(), mode });
  }
  override remove(path: string): void {
    for (const file of this.files.keys()) if (file === path || file.startsWith(`${path}/`)) this.files.delete(file);
  }
  override hasUser(name: string): boolean {
    return this.users.has(name);
  }
  override run(program: string, args: readonly string[]): void {
    this.ran.push([program, ...args].join(' '));
    if (program === 'useradd') this.users.add(args.at(-1) as string);
    if (program === 'userdel') this.users.delete(args.at(-1) as string);
  }
}
