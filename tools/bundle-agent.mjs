#!/usr/bin/env node
/**
 * Bundles the built agent into dist/agent.mjs: one file that needs nothing but Node, and starts in a third of the time
 * and half of the memory. The supervisor's program lies in it as text, which the agent hands to a second Node.
 * tsc comes first: it writes the decorator metadata that Nest needs and bundlers do not.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { inAscii } from './in-ascii.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const SOURCES = join(ROOT, 'dist/agent/apps/agent/src');
const OUT = join(ROOT, 'dist/agent.mjs');
const TEXT_MODULE = join(SOURCES, 'features/execution/starter/supervisor-text.js');
/** Names stay: Nest and our logs tell classes apart by them. */
const MINIFY = { compress: false, mangle: false, codegen: { removeWhitespace: true } };

/** Nest asks for these at run time and does without; none is used by the agent. */
const ABSENT = [
  '@nestjs/microservices',
  '@nestjs/microservices/microservices-module.js',
  '@nestjs/websockets/socket-module.js',
  'class-transformer',
  'class-validator',
  'file-type',
];
const absent = (name) =>
  `throw Object.assign(new Error("Cannot find package '${name}'"), { code: 'ERR_MODULE_NOT_FOUND' });`;

/** Parts that libraries bring along for what the agent does not do. */
const REPLACED = new Map([
  ...ABSENT.map((name) => [name, absent(name)]),
  // The orchestrator's half of the http transport; the agent's uses Node's own client.
  ['undici', 'export const Agent = undefined, buildConnector = undefined;'],
  // Uploads of forms.
  ['multer', 'export default function multer() { throw new Error("uploads are not part of the agent"); }'],
  // Tables of Asian character sets.
  ['../encodings/dbcs-data', 'export default {};'],
  ['./dbcs-data', 'export default {};'],
  // Names of 2600 content types, of which the agent answers with four.
  ['mime-db', `export default ${JSON.stringify(contentTypes())};`],
]);
/** rxjs points Node to its CommonJS build, of which nothing can be left out. */
const RXJS = new Map([
  ['rxjs', join(ROOT, 'node_modules/rxjs/dist/esm/index.js')],
  ['rxjs/operators', join(ROOT, 'node_modules/rxjs/dist/esm/operators/index.js')],
]);
const MARK = '\0replaced:';

const bundle = await rolldown({
  input: join(SOURCES, 'main.js'),
  platform: 'node',
  plugins: [replace(await supervisorText())],
  onLog: refuseWarnings,
});
const { output } = await bundle.generate({ format: 'esm', codeSplitting: false, minify: MINIFY });
writeFileSync(OUT, inAscii(output[0].code), { mode: 0o755 });
writeFileSync(join(ROOT, 'dist/agent.LICENSES.txt'), licensesOf(output));

function replace(/** @type {string} */ text) {
  return {
    name: 'replace',
    resolveId: (id) => (REPLACED.has(id) ? MARK + id : (RXJS.get(id) ?? null)),
    load: (id) => {
      if (id === TEXT_MODULE) return `export const SUPERVISOR_TEXT = ${JSON.stringify(text)};`;
      return id.startsWith(MARK) ? REPLACED.get(id.slice(MARK.length)) : null;
    },
  };
}

/** It imports nothing but Node, so that it stays small. */
async function supervisorText() {
  const bundle = await rolldown({
    input: join(SOURCES, 'supervisor/main.js'),
    platform: 'node',
    onLog: refuseWarnings,
  });
  const { output } = await bundle.generate({ format: 'cjs', codeSplitting: false, minify: MINIFY });
  return output[0].code;
}

/** What is only a warning here would be an agent that fails on a node. */
function refuseWarnings(_level, log) {
  throw new Error(`the bundle of the agent is not whole: ${log.message}`);
}

function contentTypes() {
  const all = createRequire(import.meta.url)('mime-db');
  const used = ['application/json', 'application/octet-stream', 'text/html', 'text/plain'];
  return Object.fromEntries(used.map((type) => [type, all[type]]));
}

/** The licences of all packages of which something is in the file; they want to travel with it. */
function licensesOf(chunks) {
  const files = chunks.flatMap(({ modules }) => Object.entries(modules ?? {}));
  const folders = files
    .filter(([, { renderedLength }]) => renderedLength > 0)
    .flatMap(([id]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id) ?? []);
  return [...new Set(folders)].toSorted().map(licenseOf).join('\n');
}

function licenseOf(/** @type {string} */ folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
  return `--- ${name} ${version} (${license})\n${text}\n`;
}
