import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './program.js';

export interface BlockEnd {
  readonly code: number | null;
  readonly said: string;
}

/** The blocks of a document that a test runs, in their order: those marked `bash`. */
export function blocksOf(document: string): readonly string[] {
  const text = readFileSync(join(ROOT, document), 'utf8');
  return [...text.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, block]) => block as string);
}

/** Puts the command `scriptmesh` into a folder, for PATH. */
export function installCommand(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const text = `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'bin/scriptmesh.mjs')}" "$@"\n`;
  writeFileSync(join(folder, 'scriptmesh'), text, { mode: 0o755 });
  return folder;
}

/** Runs one block as a newcomer would who pastes it, but ends at the first command that fails. */
export function runBlock(
  block: string,
  env: Readonly<Record<string, string>>,
  { cwd = ROOT, signal }: { readonly cwd?: string; readonly signal?: AbortSignal } = {},
): Promise<BlockEnd> {
  const path = [env['COMMANDS'], process.env['PATH']].filter(Boolean).join(':');
  const child = spawn('bash', ['-euo', 'pipefail', '-c', block], {
    cwd,
    env: { ...env, PATH: path },
    // With a socket as stdin bash takes itself for the shell of a remote login, and reads more files.
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, said }));
  });
}
