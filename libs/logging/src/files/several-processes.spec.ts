import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSecondProcess } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const PROCESSES = 4;
const LINES = 300;

/** Opens the log often, as many short commands would. Says "done" when all is written. */
const program = (number: number, folder: string): string => `
  import { LogFile } from ${JSON.stringify(new URL('./log-file.ts', import.meta.url).href)};
  import { localTimestamp } from ${JSON.stringify(new URL('./local-time.ts', import.meta.url).href)};
  import { SystemClock } from '@scriptmesh/runtime';
  const clock = new SystemClock();
  const bounds = { maxFiles: 10_000, maxBytes: 80_000 };
  for (let round = 0; round < 10; round += 1) {
    const file = new LogFile({ folder: ${JSON.stringify(folder)}, program: 'trial', bounds, clock, staysUp: false });
    for (let line = 0; line < ${LINES / 10}; line += 1)
      file.append(localTimestamp(clock.nowMs()) + ' | process ${number} line ' + (round * ${LINES / 10} + line) + ' end');
    await file.close();
  }
  process.stdout.write('done');
`;

describe('several processes with one log file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scriptmesh-logs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('lose and break no line while all of them rotate', async () => {
    writeFileSync(join(folder, 'ScriptMesh-trial.log'), '2099-01-01 10:00:00 | not yet\n'.replace('2099', '2020'));
    const numbers = Array.from({ length: PROCESSES }, (_, number) => number);
    const processes = await Promise.all(numbers.map((number) => startSecondProcess(program(number, folder))));
    for (const { kill } of processes) await kill();
    expect(processes.map(({ firstWords }) => firstWords)).toEqual(numbers.map(() => 'done'));
    const lines = readdirSync(folder)
      .filter((name) => name.endsWith('.log'))
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'));
    const written = lines
      .map((line) => /^\S+ \S+ \| process (\d+) line (\d+) end$/.exec(line))
      .filter((match) => match);
    const ids = new Set(written.map((match) => `${match?.[1]} ${match?.[2]}`));
    expect(ids.size).toBe(PROCESSES * LINES);
    expect(written).toHaveLength(PROCESSES * LINES);
  }, 60_000);
});
