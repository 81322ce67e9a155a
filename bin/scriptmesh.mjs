#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/controller/apps/controller/src/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('scriptmesh: not built yet\n  do:  run "npm run build" first\n');
  process.exitCode = 1;
}
