#!/usr/bin/env node
/**
 * Bundles the built orchestrator into dist/orchestrator/bundle, since two thousand small files cost half a second at each
 * start and 25 MB for good. What is loaded later (PostgreSQL, the doctor) stays in files of its own.
 * tsc comes first: it writes the decorator metadata that Nest needs and bundlers do not.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { inAscii } from './in-ascii.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const SOURCES = join(ROOT, 'dist/orchestrator/apps/orchestrator/src');
const OUT = join(ROOT, 'dist/orchestrator/bundle');

/** These stay packages: one is native, one brings files that are served, one has to be there once for all. */
const PACKAGES = ['libsql', 'swagger-ui-dist', 'swagger-ui-dist/absolute-path.js', 'reflect-metadata'];
/** Libraries ask for these at run time and do without; none is used by the orchestrator. */
const ABSENT = [
  '@fastify/static',
  '@nestjs/microservices',
  '@nestjs/microservices/microservices-module.js',
  '@nestjs/websockets/socket-module.js',
];
/** rxjs points Node to its CommonJS build, of which nothing can be left out. */
const RXJS = new Map([
  ['rxjs', join(ROOT, 'node_modules/rxjs/dist/esm/index.js')],
  ['rxjs/operators', join(ROOT, 'node_modules/rxjs/dist/esm/operators/index.js')],
]);

const bundle = await rolldown({
  input: { orchestrator: join(SOURCES, 'main.js') },
  platform: 'node',
  external: [...PACKAGES, ...ABSENT],
  plugins: [{ name: 'rxjs', resolveId: (id) => RXJS.get(id) ?? null }],
  onLog: (_level, log) => {
    // What is only a warning here would be an orchestrator that fails when it needs that part.
    throw new Error(`the bundle of the orchestrator is not whole: ${log.message}`);
  },
});
// Neither names nor lines are made smaller: stacks of errors stay readable.
const { output } = await bundle.generate({
  format: 'esm',
  entryFileNames: '[name].mjs',
  chunkFileNames: '[name].mjs',
});
rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT);
for (const { fileName, code } of output) writeFileSync(join(OUT, fileName), inAscii(code));
