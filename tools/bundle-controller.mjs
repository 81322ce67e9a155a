#!/usr/bin/env node
/**
 * Bundles the built controller into dist/controller/bundle, since a thousand small files cost half a second at each start.
 * A door that answers --version alone, the command line behind it, and axios, which only commands that ask the API load.
 * tsc comes first: it writes the decorator metadata that Nest needs and bundlers do not.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const CONTROLLER = join(dirname(fileURLToPath(import.meta.url)), '../dist/controller');

/** Nest asks for these at run time and does without; none is used by a command line. */
const LEFT_OUTSIDE = [
  '@nestjs/microservices',
  '@nestjs/microservices/microservices-module.js',
  '@nestjs/platform-express',
  '@nestjs/websockets/socket-module.js',
  'class-transformer',
  'class-validator',
];

/** nest-commander loads these at its start for what we do not use: prompts, plug-ins, its own completion. */
const REPLACED = new Map([
  ['inquirer', 'export {};'],
  ['cosmiconfig', 'export const cosmiconfig = () => { throw new Error("plug-ins are not part of this program"); };'],
  ['@fig/complete-commander', 'export {};'],
]);
const MARK = '\0replaced:';

const leaveOut = {
  name: 'leave-out',
  resolveId: (id) => (REPLACED.has(id) ? MARK + id : null),
  load: (id) => (id.startsWith(MARK) ? REPLACED.get(id.slice(MARK.length)) : null),
};

const bundle = await rolldown({
  input: { scriptmesh: join(CONTROLLER, 'apps/controller/src/main.js') },
  platform: 'node',
  external: LEFT_OUTSIDE,
  plugins: [leaveOut],
  onLog: (_level, log) => {
    // What is only a warning here would be a command that fails at a user's.
    throw new Error(`the bundle of the controller is not whole: ${log.message}`);
  },
});
await bundle.write({
  dir: join(CONTROLLER, 'bundle'),
  format: 'esm',
  entryFileNames: '[name].mjs',
  chunkFileNames: '[name].mjs',
  // Names stay: nest-commander tells commands apart by the names of their classes.
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
});
