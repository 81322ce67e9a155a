import { EventEmitter } from 'node:events';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, MovedClock, openTestDatabase } from '@scriptmesh/testing';
import type { Response } from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { someSettings } from '../../test-support/surroundings.js';
import { SqlRunsStore } from './adapters/sql-runs.store.js';
import type { Run } from './domain/run.js';
import { LINES, SERVER_SENT_EVENTS } from './output-form.js';
import { OutputFollower } from './output-follower.js';
import { RunFeed } from './run-feed.js';
import { aRun } from './test-support/a-run.js';

/** As a response behaves: what is written once it has gone is refused, and it never drains. */
class HeldResponse extends EventEmitter {
  readonly events: string[] = [];
  isFull = false;
  destroyed = false;
  writableEnded = false;
  status = () => this;
  set = () => this;
  flushHeaders(): void {}
  write(event: string): boolean {
    if (this.destroyed) return false;
    this.events.push(event);
    return !this.isFull;
  }
  end(): void {
    this.writableEnded = true;
  }
  leave(): void {
    this.destroyed = true;
    this.emit('close');
  }
  drain(): void {
    this.isFull = false;
    this.emit('drain');
  }
  get text(): string {
    return this.events.join('');
  }
}

describe('a follower of output', () => {
  let db: Database;
  let store: SqlRunsStore;
  let feed: RunFeed;
  let clock: MovedClock;
  let run: Run;
  let response: HeldResponse;
  let reads: number;
  let onRead: () => void;

  beforeEach(async () => {
    db = await openTestDatabase();
    feed = new RunFeed();
    clock = new MovedClock();
    response = new HeldResponse();
    reads = 0;
    onRead = () => {};
    store = new (class extends SqlRunsStore {
      override async readOutput(...where: Parameters<SqlRunsStore['readOutput']>): Promise<Uint8Array> {
        reads += 1;
        const bytes = await super.readOutput(...where);
        onRead();
        return bytes;
      }
    })(db);
    run = aRun({ state: 'running', started: true });
    await db.write((trx) => store.insert(trx, run));
  });
  afterEach(async () => {
    response.leave();
    await closeTestDatabase(db);
  });

  const follow = (from = { stdout: 0, stderr: 0 }, form = SERVER_SENT_EVENTS): Promise<void> =>
    new OutputFollower(store, feed, clock, someSettings()).follow(run, from, response as unknown as Response, form);

  /** @param tells false when another instance wrote it */
  async function write(bytes: Buffer, fields: Partial<Run> = {}, tells = true): Promise<void> {
    const at = run.acked.stdout;
    const after = { ...run, rev: run.rev + 1, acked: { stdout: at + bytes.length, stderr: 0 }, ...fields };
    await db.write(async (trx) => {
      if (bytes.length > 0) await store.appendOutput(trx, run.id, 'stdout', at, bytes);
      await store.update(trx, run, after);
    });
    run = after;
    if (tells) feed.tell(run);
  }
  const end = (bytes: Buffer = Buffer.alloc(0)) => write(bytes, { state: 'succeeded', executed: 'yes', exitCode: 0 });

  it('is let go when the program stops, without an end, so that it goes on elsewhere', async () => {
    const followed = follow();
    feed.beforeApplicationShutdown();
    await followed;
    expect([response.writableEnded, response.text]).toEqual([true, '']);
    expect(feed.watchedRuns).toBe(0);
  });

  it('gets what it has not seen, then the end, and leaves no listener and no timer', async () => {
    await write(Buffer.from('one\n'));
    const following = follow({ stdout: 2, stderr: 0 });
    await end(Buffer.from('two\n'));
    await following;
    expect(response.text).toContain('id: 4-0\nevent: output\ndata: {"stream":"stdout","offset":2,"text":"e\\n"}');
    expect(response.text).toContain('id: 8-0\nevent: end\n');
    expect(response.writableEnded).toBe(true);
    expect([feed.watchedRuns, clock.waitingTimers]).toEqual([0, 0]);
  });

  it('that is slow is not read ahead for', async () => {
    response.isFull = true;
    for (let piece = 0; piece < 4; piece += 1) await write(Buffer.alloc(64 * 1024, 'x'));
    const following = follow();
    await eventually(() => response.events.length === 1);
    await settled();
    expect(reads).toBe(1);
    response.drain();
    await end();
    await following;
    expect(response.events.filter((event) => event.includes('event: output'))).toHaveLength(4);
  });

  it('that goes away while it is slow leaves nothing behind', async () => {
    response.isFull = true;
    await write(Buffer.from('one\n'));
    const following = follow();
    await eventually(() => response.events.length === 1);
    response.leave();
    await following;
    expect([feed.watchedRuns, clock.waitingTimers]).toEqual([0, 0]);
  });

  it('that goes away while output is read for it leaves nothing behind', async () => {
    onRead = () => response.leave();
    await write(Buffer.from('one\n'));
    await follow();
    expect(response.events).toEqual([]);
    expect([feed.watchedRuns, clock.waitingTimers]).toEqual([0, 0]);
  });

  it('gets a character that was split between two chunks as text', async () => {
    const following = follow();
    const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
    await write(first);
    await eventually(() => reads === 1);
    await end(second);
    await following;
    expect(response.text).toContain('"offset":0,"text":"é"');
    expect(response.text).not.toContain('base64');
  });

  it('gets bytes that are no text as base64, also when they only begin a character at the end', async () => {
    const following = follow();
    await end(Buffer.from([0xff, 0x00, 0xc3]));
    await following;
    expect(response.text).toContain(`"base64":"${Buffer.from([0xff, 0x00]).toString('base64')}"`);
    expect(response.text).toContain(`"offset":2,"base64":"${Buffer.from([0xc3]).toString('base64')}"`);
  });

  it('is told of what lies beyond the limit and was not kept', async () => {
    await write(Buffer.from('1234'), { acked: { stdout: 10, stderr: 0 } });
    const following = follow();
    await end();
    await following;
    expect(response.text).toContain('id: 10-0\nevent: gap\ndata: {"stream":"stdout","offset":10,"missing":6}');
  });

  describe('of output whose end is kept after a gap', () => {
    const failWith = (stdout = { offset: 100, length: 5, missing: 96 }) =>
      write(Buffer.alloc(0), { state: 'failed', executed: 'yes', exitCode: 3, truncated: true, tails: { stdout } });
    const seen = (): unknown[] =>
      response.text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as { event?: string })
        .map((value) => (value.event === 'end' ? 'end' : value));
    beforeEach(async () => {
      await write(Buffer.from('1234'));
      await db.write((trx) => store.appendOutput(trx, run.id, 'stdout', 100, Buffer.from('end.\n')));
    });

    it.each([
      [0, { stream: 'stdout', offset: 0, text: '1234' }, { event: 'gap', stream: 'stdout', offset: 100, missing: 96 }],
      [4, { event: 'gap', stream: 'stdout', offset: 100, missing: 96 }],
      [60, { event: 'gap', stream: 'stdout', offset: 100, missing: 40 }],
      [100],
    ])('gets, from %i on, what is missing by name, then the end at its true place', async (stdout, ...before) => {
      await failWith();
      await follow({ stdout, stderr: 0 }, LINES);
      expect(seen()).toEqual([...before, { stream: 'stdout', offset: 100, text: 'end.\n' }, 'end']);
    });

    it('goes on in the middle of the end', async () => {
      await failWith();
      await follow({ stdout: 103, stderr: 0 }, LINES);
      expect(seen()).toEqual([{ stream: 'stdout', offset: 103, text: '.\n' }, 'end']);
    });

    it('is told of it also when the end was not kept', async () => {
      await failWith({ offset: 105, length: 0, missing: 101 });
      await follow({ stdout: 4, stderr: 0 }, LINES);
      expect(seen()).toEqual([{ event: 'gap', stream: 'stdout', offset: 105, missing: 101 }, 'end']);
    });
  });

  it('gets the same as lines of JSON, an empty one while nothing is said', async () => {
    const following = follow({ stdout: 0, stderr: 0 }, LINES);
    await write(Buffer.from('one\n'));
    await eventually(() => response.events.length === 1);
    await clock.advance(5_000);
    await write(Buffer.from([0xff, 0x0a]));
    await eventually(() => response.events.length === 3);
    await write(Buffer.alloc(0), { acked: { stdout: 10, stderr: 0 } });
    await end();
    await following;
    expect(response.events[1]).toBe('\n');
    const lines = response.text.split('\n').filter(Boolean);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { stream: 'stdout', offset: 0, text: 'one\n' },
      { stream: 'stdout', offset: 4, base64: '/wo=' },
      { event: 'gap', stream: 'stdout', offset: 10, missing: 4 },
      { event: 'end', run: expect.objectContaining({ id: run.id, state: 'succeeded' }) },
    ]);
  });

  it('gets what another instance has written with the next comment', async () => {
    const following = follow();
    await settled();
    await write(Buffer.from('there\n'), { state: 'succeeded', executed: 'yes', exitCode: 0 }, false);
    await clock.advance(5_000);
    await following;
    expect(response.text).toContain(':\n\n');
    expect(response.text).toContain('there');
    expect(response.events.at(-1)).toContain('event: end');
  });
});

async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function eventually(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5000; turn += 1) {
    if (holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`waited in vain for ${holds.toString()}`);
}
