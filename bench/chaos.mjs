#!/usr/bin/env node
/**
 * `npm run chaos -- --minutes N --seed S --transport http|websocket|both --store sqlite|postgres`: the fault run of
 * docs/reliability.md. Ends with 1 on a violation or a fault that never happened, with 2 when it could not be run.
 */
import { checkHistory } from './chaos/check.mjs';
import { findLibfaketime } from './chaos/faults.mjs';
import { Mesh } from './chaos/mesh.mjs';
import { readOptions } from './chaos/options.mjs';
import { runFaults } from './chaos/run.mjs';

/** Of each kind. */
const SHOWN_VIOLATIONS = 5;
const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`);

/** What this machine lacks for a fault that was not left out. */
function missingFor(/** @type {string[]} */ without) {
  const needs = {
    'disk-full': process.getuid?.() !== 0 && 'root, to mount a tmpfs',
    'clock-skew': findLibfaketime() === undefined && 'libfaketime (apt-get install faketime, or LIBFAKETIME=path)',
  };
  return Object.entries(needs).flatMap(([kind, need]) =>
    need && !without.includes(kind) ? [`${kind} needs ${need}; leave it out by --without ${kind}`] : [],
  );
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  const missing = missingFor(options.without);
  if (missing.length > 0) throw new Error(missing.join('\n  '));
  const mesh = new Mesh(options.transports, !options.without.includes('disk-full'));
  say(`chaos: ${options.minutes} min, seed ${options.seed}, ${options.transport}, ${options.store}, in ${mesh.folder}`);
  let isGood = false;
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => void mesh.close(true).finally(() => process.exit(2)));
  try {
    const { figures, violations } = checkHistory(await runFaults(mesh, options, say));
    isGood = violations.length === 0;
    for (const [name, figure] of Object.entries(figures)) say(`${name.padEnd(13)}${show(figure)}`);
    if (options.without.length > 0) say(`left out     ${options.without.join(', ')}`);
    for (const line of showViolations(violations)) say(line);
    say(
      isGood ? 'chaos: no violation' : `chaos: ${violations.length} VIOLATIONS; everything is kept in ${mesh.folder}`,
    );
  } finally {
    await mesh.close(options.keep || !isGood);
  }
  process.exitCode = isGood ? 0 : 1;
}

const show = (/** @type {unknown} */ figure) =>
  typeof figure === 'number'
    ? figure
    : Object.entries(/** @type {object} */ (figure))
        .map(([k, v]) => `${k} ${v}`)
        .join(', ') || 'none';

function showViolations(/** @type {{ violation: string, detail: string }[]} */ violations) {
  const kinds = [...new Set(violations.map(({ violation }) => violation))];
  return kinds.flatMap((kind) => {
    const all = violations.filter(({ violation }) => violation === kind);
    return [`VIOLATION ${kind}: ${all.length}`, ...all.slice(0, SHOWN_VIOLATIONS).map(({ detail }) => `  ${detail}`)];
  });
}

main().catch((error) => {
  process.stderr.write(`chaos: ${error.stack}\n`);
  process.exit(2);
});
