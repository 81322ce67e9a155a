import { describe, expect, it } from 'vitest';
import { chooseTidying } from './choose-tidying.js';
import { LogFileNames } from './log-file-names.js';

const names = new LogFileNames('trial');
const NOW_MS = Date.UTC(2026, 0, 31);
const HOUR_MS = 3_600_000;

const entry = (name: string, bytes = 10, modifiedMs = NOW_MS) => ({
  name: `ScriptMesh-trial-${name}`,
  bytes,
  modifiedMs,
});
const choose = (entries: ReturnType<typeof entry>[], bounds = { maxFiles: 100, maxBytes: 8_000 }) => {
  const { remove, compress } = chooseTidying(entries, { names, bounds, nowMs: NOW_MS, compressUntilDay: '2026-01-24' });
  const short = (name: string): string => name.replace('ScriptMesh-trial-', '');
  return { remove: remove.map(short), compress: compress.map(short) };
};

describe('chooseTidying', () => {
  it('removes the oldest beyond the number: earlier days first, then earlier parts of a day', () => {
    const days = ['2026-01-30.log', '2026-01-30.10.log', '2026-01-30.9.log', '2026-01-29.log', '2026-01-28.log'];
    const { remove } = choose(
      days.map((day) => entry(day)),
      { maxFiles: 2, maxBytes: 8_000 },
    );
    expect(remove).toEqual(['2026-01-30.9.log', '2026-01-29.log', '2026-01-28.log']);
  });

  it('removes the oldest beyond the bytes, with room for the current file', () => {
    const { remove } = choose([
      entry('2026-01-28.log.gz', 3_000),
      entry('2026-01-29.log', 4_000),
      entry('2026-01-30.log', 3_000),
    ]);
    expect(remove).toEqual(['2026-01-28.log.gz']);
  });

  it('compresses what is seven days old, but nothing twice, nothing empty and nothing that goes', () => {
    const entries = ['2026-01-25.log', '2026-01-24.log', '2026-01-23.2.log', '2026-01-22.log.gz', '2026-01-20.log'];
    const { compress, remove } = choose([entry('2026-01-24.1.log', 0), ...entries.map((day) => entry(day))], {
      maxFiles: 5,
      maxBytes: 8_000,
    });
    expect(compress).toEqual(['2026-01-24.log', '2026-01-23.2.log']);
    expect(remove).toEqual(['2026-01-20.log']);
  });

  it('removes what a process that died has left half compressed', () => {
    const entries = [entry('2026-01-02.log.gz.tmp', 5, NOW_MS - 2 * HOUR_MS), entry('2026-01-01.log.gz.tmp', 5)];
    expect(choose(entries)).toEqual({ remove: ['2026-01-02.log.gz.tmp'], compress: [] });
  });

  it.each(['ScriptMesh-trial.log', 'ScriptMesh-trial-2.log', 'ScriptMesh-other-2020-01-01.log', 'notes'])(
    'does not touch %s',
    (name) => {
      const untouched = { name, bytes: 1_000_000, modifiedMs: 0 };
      expect(choose([untouched], { maxFiles: 1, maxBytes: 1 })).toEqual({ remove: [], compress: [] });
    },
  );
});
