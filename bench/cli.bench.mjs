/** How long the command line takes to start, beside a bare Node. Needs a build. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const CLI = join(ROOT, 'bin/scriptmesh.mjs');
const WARM_UP = 2;
const LEAST_ROUNDS = 15;
const BARE = 'bare node';

/** `most`: milliseconds that the median may take; with `above: BARE` on top of the bare Node. */
const CASES = [
  { name: BARE, args: ['-e', '0'] },
  { name: '--version', args: [CLI, '--version'], above: BARE, most: 60 },
  { name: '--help', args: [CLI, '--help'], most: 350 },
];

/** @param {string[]} args how many rounds; 15 are the least, 21 the default */
export async function run([given = '21']) {
  const rounds = Math.max(LEAST_ROUNDS, Number.parseInt(given, 10) || 0);
  if (!existsSync(join(ROOT, 'dist/controller/bundle/scriptmesh.mjs'))) {
    process.stderr.write('bench: the controller is not built\n  do:  run "npm run build" first\n');
    return { ok: false };
  }
  const times = new Map(CASES.map(({ name }) => [name, []]));
  for (let round = -WARM_UP; round < rounds; round += 1) {
    // One after the other in each round, so that a busy moment of the machine falls on all alike.
    for (const { name, args } of CASES) {
      const took = timeOf(args);
      if (round >= 0) times.get(name).push(took);
    }
  }
  return report(times, rounds);
}

function timeOf(args) {
  const begun = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const took = performance.now() - begun;
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
  return took;
}

function report(times, rounds) {
  const medians = new Map([...times].map(([name, values]) => [name, median(values)]));
  const bare = medians.get(BARE);
  const rows = CASES.map(({ name, above, most }) => {
    const counted = medians.get(name) - (above === undefined ? 0 : medians.get(above));
    const budget = most === undefined ? '' : `${above === undefined ? '' : `${above} + `}${most}`;
    return {
      cells: [name, ms(Math.min(...times.get(name))), ms(medians.get(name)), ms(medians.get(name) - bare), budget],
      ok: most === undefined || counted <= most,
    };
  });
  const lines = rows.map(({ cells, ok }) => [...cells, cells[4] === '' ? '' : ok ? 'ok' : 'MISSED']);
  process.stdout.write(`${rounds} rounds, node ${process.version}, milliseconds\n`);
  process.stdout.write(table([['', 'least', 'median', 'above bare', 'budget', ''], ...lines]));
  return { ok: rows.every((row) => row.ok) };
}

const ms = (value) => value.toFixed(0);
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function table(lines) {
  const widths = lines[0].map((_cell, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) => `${line.map((cell, column) => cell.padEnd(widths[column])).join('  ')}`.trimEnd() + '\n')
    .join('');
}
