import { array, assert as assertProperty, integer, nat, property, record, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aMessage, aRun, NOW_MS } from '../test-support/a-run.js';
import { judgeChunk, judgeResult, type ResultFacts, type StreamCheck } from './judge-output.js';
import type { Run } from './run.js';

const ROOM = { nowMs: NOW_MS, storedMax: 1_000_000 };
const running = (overrides: Partial<Run> = {}) => aRun({ state: 'running', started: true, ...overrides });
const facts = (stdout: StreamCheck = 'complete', overrides: Partial<ResultFacts> = {}): ResultFacts => ({
  nowMs: NOW_MS,
  checks: { stdout, stderr: 'complete' },
  askedBefore: false,
  ...overrides,
});

describe('a chunk', () => {
  it('is answered with our offset when bytes before it are missing', () => {
    const judged = judgeChunk(running(), { stream: 'stdout', offset: 5 }, 3, ROOM);
    expect(judged.fresh).toBeUndefined();
    expect(judged.replies).toEqual([{ kind: 'ackOutput', stream: 'stdout', offset: 0 }]);
  });

  it('beyond the limit is acknowledged and counted, not kept', () => {
    const judged = judgeChunk(running({ acked: { stdout: 8, stderr: 0 } }), { stream: 'stdout', offset: 8 }, 5, {
      nowMs: NOW_MS,
      storedMax: 10,
    });
    expect(judged.fresh).toEqual({ stream: 'stdout', offset: 8, skip: 0, kept: 2 });
    expect(judged.run).toMatchObject({ acked: { stdout: 13, stderr: 0 }, truncated: true, droppedBytes: 3 });
  });

  it('of a final run is not acknowledged as stored', () => {
    const judged = judgeChunk(aRun({ state: 'lost', executed: 'unknown' }), { stream: 'stdout', offset: 0 }, 5, ROOM);
    expect(judged.replies).toEqual([{ kind: 'ackResult' }]);
    expect(judged.fresh).toBeUndefined();
  });

  it('in any order, cut anywhere, any number of times, never stores anything but a prefix, up to the limit', () => {
    const piece = record({ from: nat(60), size: nat(25) });
    assertProperty(
      property(
        uint8Array({ minLength: 1, maxLength: 60 }),
        array(piece, { maxLength: 40 }),
        integer({ min: 1, max: 80 }),
        (written, pieces, storedMax) => {
          let run: Run = aRun({ state: 'dispatched' });
          let stored = Buffer.alloc(0);
          for (const { from, size } of pieces) {
            const bytes = written.subarray(from, from + size);
            if (from > written.length || bytes.length === 0) continue;
            const { run: after, fresh } = judgeChunk(run, { stream: 'stdout', offset: from }, bytes.length, {
              nowMs: NOW_MS,
              storedMax,
            });
            if (fresh) {
              expect(fresh.offset).toBe(stored.length);
              stored = Buffer.concat([stored, bytes.subarray(fresh.skip, fresh.skip + fresh.kept)]);
            }
            expect(after.acked.stdout).toBeGreaterThanOrEqual(run.acked.stdout);
            run = after;
          }
          expect(stored).toEqual(Buffer.from(written.subarray(0, Math.min(run.acked.stdout, storedMax))));
          expect(run.truncated).toBe(run.acked.stdout > storedMax);
          expect(run.droppedBytes).toBe(Math.max(0, run.acked.stdout - storedMax));
        },
      ),
    );
  });
});

describe('a result', () => {
  it.each([
    [{ code: 0 }, 'succeeded', null],
    [{ code: 3 }, 'failed', 'exit code 3'],
    [{ code: null, signal: 'SIGKILL' }, 'failed', 'ended by SIGKILL'],
    [{ code: 0, killedBy: 'timed_out' }, 'timed_out', 'stopped by its timeout after 100 ms'],
    [{ code: 0, killedBy: 'cancelled' }, 'cancelled', 'cancelled while it was running'],
  ])('%j is %s', (message, state, reason) => {
    const { run, replies } = judgeResult(running(), aMessage('result', message), facts());
    expect(run).toMatchObject({ state, reason, executed: 'yes', finishedAtMs: NOW_MS });
    expect(replies).toEqual([{ kind: 'ackResult' }]);
  });

  it('that overtakes the acceptance writes running first', () => {
    const { moves } = judgeResult(aRun({ state: 'dispatched' }), aMessage('result'), facts());
    expect(moves.map(({ to }) => to)).toEqual(['running', 'succeeded']);
  });

  it('is not the end while bytes are missing, however often it is said', () => {
    const run = running({ acked: { stdout: 4, stderr: 2 } });
    for (const askedBefore of [false, true]) {
      const judged = judgeResult(run, aMessage('result'), facts('missing', { askedBefore }));
      expect(judged.run.state).toBe('running');
      expect(judged.replies).toEqual([
        { kind: 'ackOutput', stream: 'stdout', offset: 4 },
        { kind: 'ackOutput', stream: 'stderr', offset: 2 },
      ]);
    }
  });

  it('whose output is gone at the agent ends the run as truncated', () => {
    const { run } = judgeResult(running(), aMessage('result', { truncated: true }), facts('missing'));
    expect(run).toMatchObject({ state: 'succeeded', truncated: true });
  });

  it('of an agent that kept less than was written fetches what was kept before it is the end', () => {
    const message = aMessage('result', { truncated: true, dropped: { stdout: 9, stderr: 0 } });
    expect(judgeResult(running(), message, facts('missing')).run.state).toBe('running');
    const { run } = judgeResult(running(), message, facts('complete'));
    expect(run).toMatchObject({ state: 'succeeded', truncated: true, droppedBytes: 9 });
  });

  it('with another checksum has the output sent again, once', () => {
    const run = running({ acked: { stdout: 4, stderr: 0 } });
    const first = judgeResult(run, aMessage('result'), facts('differs'));
    expect(first.discard).toEqual(['stdout']);
    expect(first.run).toMatchObject({ state: 'running', acked: { stdout: 0, stderr: 0 } });
    const second = judgeResult(run, aMessage('result'), facts('differs', { askedBefore: true }));
    expect(second.run).toMatchObject({ state: 'succeeded', truncated: true });
    expect(second.alarm).toMatch(/checksum/);
  });

  it('after the end is kept beside a lost run, and its state stays', () => {
    const { run } = judgeResult(aRun({ state: 'lost', executed: 'unknown' }), aMessage('result', { code: 4 }), facts());
    expect(run).toMatchObject({
      state: 'lost',
      executed: 'unknown',
      exitCode: null,
      lateResult: { kind: 'result', exitCode: 4 },
    });
  });

  it('cannot have started before its offer', () => {
    const { run } = judgeResult(aRun({ state: 'dispatched' }), aMessage('result', { durationMs: 99_999 }), facts());
    expect(run.startedAtMs).toBe(run.dispatchedAtMs);
  });
});
