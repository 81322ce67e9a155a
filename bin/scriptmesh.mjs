#!/usr/bin/env node
import { existsSync } from 'node:fs';
import nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

const BUILDS = ['bundle/scriptmesh.mjs', 'apps/controller/src/main.js'];

/**
 * From Node 22.8 on V8 keeps what it has compiled. In the user's own folder: Node's default is one that all users of
 * the machine share, and who writes there first decides what the others run.
 */
function keepCompiled() {
  try {
    nodeModule.enableCompileCache?.(join(homedir(), '.cache', 'scriptmesh', 'compiled'));
  } catch {
    // No home folder: only slower.
  }
}

const main = BUILDS.map((file) => new URL(`../dist/controller/${file}`, import.meta.url)).find((file) =>
  existsSync(file),
);
if (main) {
  keepCompiled();
  await import(main.href);
} else {
  process.stderr.write('scriptmesh: not built yet\n  do:  run "npm run build" first\n');
  process.exitCode = 1;
}
