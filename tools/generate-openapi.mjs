#!/usr/bin/env node
/** Writes docs/openapi.json from the built orchestrator; with --check it only compares and fails when they differ. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const FILE = join(ROOT, 'docs/openapi.json');
const made = spawnSync(process.execPath, [join(ROOT, 'dist/orchestrator/bundle/orchestrator.mjs'), '--openapi'], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
if (made.status !== 0) {
  process.stderr.write(made.stderr);
  process.exit(1);
}

if (!process.argv.includes('--check')) {
  writeFileSync(FILE, made.stdout);
} else if (readFileSync(FILE, 'utf8') !== made.stdout) {
  process.stderr.write(
    'docs/openapi.json is not what the programs say. Run "npm run generate" and look at the difference.\n',
  );
  process.exit(1);
}
