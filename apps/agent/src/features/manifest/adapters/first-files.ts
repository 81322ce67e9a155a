import { mkdir, open, access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@scriptmesh/logging';
import type { ProgramFinder } from './program-finder.js';

const PYTHON = `#!/usr/bin/env python3
"""The first script of a new node. Change it, or add others to cfg/script_manifest.json."""
import os
import platform

print("Hello from ScriptMesh!", flush=True)
print("agent:  " + os.environ.get("SM_AGENT", "unknown"), flush=True)
print("node:   " + platform.node() + " (" + platform.system() + ", Python " + platform.python_version() + ")", flush=True)
print("run:    " + os.environ.get("SM_RUN_ID", "none"), flush=True)
`;

const JAVASCRIPT = `// The first script of a new node. Change it, or add others to cfg/script_manifest.json.
const os = require('node:os');

console.log('Hello from ScriptMesh!');
console.log('agent:  ' + (process.env.SM_AGENT || 'unknown'));
console.log('node:   ' + os.hostname() + ' (' + os.type() + ', Node ' + process.version + ')');
console.log('run:    ' + (process.env.SM_RUN_ID || 'none'));
`;

/**
 * Gives a new node something to run: the manifest and the script hello_world, in Python, or for Node where no Python
 * is found. Nothing is ever overwritten, and a node that has a manifest gets nothing.
 */
export async function createFirstFiles(home: string, finder: ProgramFinder, logger: Logger): Promise<void> {
  const manifest = join(home, 'cfg', 'script_manifest.json');
  if (await exists(manifest)) return;
  const hasPython = (await finder.findFirst(['python3', 'python'])) !== undefined;
  const [file, text] = hasPython ? ['hello_world.py', PYTHON] : ['hello_world.js', JAVASCRIPT];
  await mkdir(join(home, 'cfg'), { recursive: true, mode: 0o700 });
  // The explicit modes hold under any umask: a fresh node must pass its own check of permissions.
  await mkdir(join(home, 'scripts'), { recursive: true, mode: 0o755 });
  await create(join(home, 'scripts', file), text, 0o755);
  const entry = { name: 'hello_world', path: `scripts/${file}`, description: 'Greets and tells where it runs.' };
  if (await create(manifest, `${JSON.stringify({ scripts: [entry] }, null, 2)}\n`, 0o644)) {
    logger.info('manifest.created', { script: file });
  }
}

/** false when something stands there already, be it a dangling link. */
async function create(path: string, text: string, mode: number): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', mode);
    await handle.writeFile(text).finally(() => handle.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
