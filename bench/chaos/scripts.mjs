/**
 * The scripts of the fault run, and what each must have printed. Each writes its run id into the ledger before anything
 * else; all other output follows from the run id, so the checker can make it again.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Numbers of a generator whose products fit a double, so that awk and JavaScript count alike; six to a line. */
const EMIT = `emit() {
  awk -v x="$1" -v n="$2" 'BEGIN { x = x % 2147483646 + 1
    for (l = 0; l < n; l++) { for (i = 0; i < 6; i++) { x = (x * 16807) % 2147483647; printf "%010d", x }; printf "\\n" } }'
}
seed=$((0x\${SM_RUN_ID#????????-????-????-????-?????}))`;

function emit(seed, lines) {
  let x = (seed % 2_147_483_646) + 1;
  let text = '';
  for (let l = 0; l < lines; l++) {
    for (let i = 0; i < 6; i++) {
      x = (x * 16_807) % 2_147_483_647;
      text += String(x).padStart(10, '0');
    }
    text += '\n';
  }
  return text;
}

const seedOf = (/** @type {string} */ id) => Number.parseInt(id.slice(-7), 16);
const BURSTS = [1, 2, 3, 4, 5, 6, 7, 8];
const BIG_LINES = 17_200;

/**
 * `share`: of the load. `ends`: state and exit code without a fault or a cancel. `stdout`, `stderr`: from the run id.
 * @type {Record<string, { share: number, text: string, entry?: object, ends: [string, number | null],
 *   stdout: (id: string) => string, stderr: (id: string) => string }>}
 */
export const SCRIPTS = {
  quick: {
    share: 40,
    text: 'echo "quick $SM_RUN_ID"',
    ends: ['succeeded', 0],
    stdout: (id) => `quick ${id}\n`,
    stderr: () => '',
  },
  chatty: {
    share: 20,
    text: `${EMIT}
for i in ${BURSTS.join(' ')}; do emit $((seed + i)) 100; emit $((seed + 100 + i)) 20 >&2; sleep 0.1; done`,
    ends: ['succeeded', 0],
    stdout: (id) => BURSTS.map((i) => emit(seedOf(id) + i, 100)).join(''),
    stderr: (id) => BURSTS.map((i) => emit(seedOf(id) + 100 + i, 20)).join(''),
  },
  slow: {
    share: 15,
    text: `${EMIT}
echo begin; sleep $((2 + seed % 5)); echo end`,
    ends: ['succeeded', 0],
    stdout: () => 'begin\nend\n',
    stderr: () => '',
  },
  failing: {
    share: 10,
    text: 'echo "fails on purpose" >&2; exit 7',
    ends: ['failed', 7],
    stdout: () => '',
    stderr: () => 'fails on purpose\n',
  },
  big: {
    share: 10,
    text: `${EMIT}
emit $seed ${BIG_LINES}`,
    ends: ['succeeded', 0],
    stdout: (id) => emit(seedOf(id), BIG_LINES),
    stderr: () => '',
  },
  /** Never asked for by the load: to be cancelled. */
  patient: {
    share: 0,
    text: 'echo begin; exec sleep 60',
    ends: ['succeeded', 0],
    stdout: () => 'begin\n',
    stderr: () => '',
  },
  overlong: {
    share: 5,
    text: 'echo begin; exec sleep 60',
    entry: { timeoutSeconds: 2 },
    ends: ['timed_out', null],
    stdout: () => 'begin\n',
    stderr: () => '',
  },
};

/** Puts the scripts and their manifest into an agent's home. */
export function writeScripts(/** @type {string} */ home, /** @type {string} */ ledger) {
  mkdirSync(join(home, 'scripts'), { recursive: true });
  mkdirSync(join(home, 'cfg'), { recursive: true });
  const scripts = Object.entries(SCRIPTS).map(([name, { text, entry }]) => {
    const path = join(home, 'scripts', `${name}.sh`);
    writeFileSync(path, `#!/bin/sh\necho "$SM_RUN_ID" >>'${ledger}'\n${text}\n`);
    chmodSync(path, 0o755);
    return { name, path: `${name}.sh`, ...entry };
  });
  writeFileSync(join(home, 'cfg/script_manifest.json'), JSON.stringify({ scripts }), { mode: 0o644 });
}
