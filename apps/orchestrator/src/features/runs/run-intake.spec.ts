import { createHash } from 'node:crypto';
import { Test, type TestingModule } from '@nestjs/testing';
import { SYSTEM_PRINCIPAL, type AgentId, type FromAgentKind } from '@scriptmesh/contracts';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { surroundingsOn } from '../../test-support/surroundings.js';
import { AgentLinks, type Incoming, type MessageHandler, type Outgoing } from '../links/index.js';
import type { Agent } from '../registry/index.js';
import { unmoved } from './domain/run-progress.js';
import type { Run } from './domain/run.js';
import { RunFeed } from './run-feed.js';
import { RunWriter } from './run-writer.js';
import { RunsModule } from './runs.module.js';
import { RunsStore } from './runs.store.js';
import { aMessage, aRun } from './test-support/a-run.js';

const shaOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Hands over what a test says in the name of an agent. */
class SpokenLinks extends AgentLinks {
  readonly #handlers = new Map<FromAgentKind, MessageHandler>();
  override reach = () => 'here' as const;
  override send = () => Promise.resolve('sent' as const);
  override poll = () => Promise.resolve('sent' as const);
  override onTurn(): void {}
  override onOpened(): void {}
  override handle(kinds: readonly FromAgentKind[], handler: MessageHandler): void {
    for (const kind of kinds) this.#handlers.set(kind, handler);
  }
  async say(from: AgentId, messages: readonly Incoming[]): Promise<readonly Outgoing[]> {
    const handler = this.#handlers.get((messages[0] as Incoming).header.kind) as MessageHandler;
    return handler({ id: from, name: 'db-1' } as Agent, messages);
  }
}

describe('what agents say of runs', () => {
  let db: Database;
  let nest: TestingModule;
  let links: SpokenLinks;
  let told: string[];
  const run = aRun({ state: 'dispatched' });

  beforeEach(async () => {
    db = await openTestDatabase();
    links = new SpokenLinks();
    nest = await Test.createTestingModule({
      imports: [surroundingsOn(db, { outputMaxBytes: 8 }).module, RunsModule],
    })
      .overrideProvider(AgentLinks)
      .useValue(links)
      .compile();
    await nest.init();
    await nest.get(RunWriter).write(SYSTEM_PRINCIPAL, (runs) => Promise.resolve(runs.insert(unmoved(run))));
    told = [];
    nest.get(RunFeed).onAnyRun(({ state }) => told.push(state));
  });
  afterEach(async () => {
    await nest.close();
    await closeTestDatabase(db);
  });

  const chunk = (text: string, offset = 0): Incoming => ({
    header: aMessage('chunk', { offset }),
    bytes: Buffer.from(text),
  });
  const message = (...about: Parameters<typeof aMessage>): Incoming => ({
    header: aMessage(...about),
    bytes: new Uint8Array(0),
  });
  const result = (text: string, fields: object = {}): Incoming =>
    message('result', {
      lengths: { stdout: Buffer.byteLength(text), stderr: 0 },
      sha256: { stdout: shaOf(text), stderr: shaOf('') },
      ...fields,
    });
  const say = (...messages: Incoming[]) => links.say(run.agentId, messages);
  const stored = async (): Promise<Run> => (await nest.get(RunsStore).find(run.id)) as Run;
  const output = async (): Promise<string> =>
    Buffer.from(await nest.get(RunsStore).readOutput(run.id, 'stdout', 0, 1000)).toString();
  const arrows = async (): Promise<string[]> => {
    const rows = await db.read
      .selectFrom('audit')
      .select('detail')
      .where('action', '=', 'run.transition')
      .orderBy('seq')
      .execute();
    return rows.map(({ detail }) => (JSON.parse(detail) as { to: string }).to);
  };

  it('makes one final state of output and result in one list, with one audit row for each transition', async () => {
    const replies = await say(message('accepted'), chunk('hello'), result('hello'));
    expect(await stored()).toMatchObject({ state: 'succeeded', executed: 'yes', started: true, truncated: false });
    expect(await output()).toBe('hello');
    expect(await arrows()).toEqual(['running', 'succeeded']);
    expect(told).toEqual(['succeeded']);
    expect(replies.map(({ kind }) => kind)).toEqual(['ackOutput', 'ackResult']);
    expect(replies[0]).toMatchObject({ runId: run.id, offset: 5, receipt: expect.stringMatching(/^.{43}$/) as string });
  });

  it.each([
    ['running accepted', message('accepted')],
    ['running chunk', chunk('hello')],
    ['rejected refused', message('refused')],
    ['expired never', message('never')],
    ['running spawnFailed, rejected spawnFailed', message('spawnFailed')],
    ['running agent-said, lost agent-said', message('lost')],
    ['running agent-said, lost supervisor-ended', message('lost', { cause: 'supervisor-ended' })],
  ])('writes with each transition what caused it: %s', async (expected, said) => {
    await say(said);
    const rows = await db.read.selectFrom('audit').select('detail').where('action', '=', 'run.transition').execute();
    const moves = rows.map(({ detail }) => JSON.parse(detail) as { to: string; cause: string });
    expect(moves.map(({ to, cause }) => `${to} ${cause}`).join(', ')).toBe(expected);
  });

  it('calls a run that the journal lacks lost by that (I12)', async () => {
    await say(message('accepted'));
    await say(message('absent', { askedWhile: 'running' }));
    const rows = await db.read.selectFrom('audit').select('detail').orderBy('seq', 'desc').limit(1).execute();
    expect(JSON.parse(rows[0]?.detail ?? '')).toMatchObject({ to: 'lost', cause: 'no-record' });
  });

  it('takes the same list twice without another change, and acknowledges it again', async () => {
    await say(chunk('hello'), result('hello'));
    const before = await stored();
    const replies = await say(chunk('hello'), result('hello'));
    expect(replies.map(({ kind }) => kind)).toEqual(['ackResult', 'ackResult']);
    expect(await stored()).toEqual(before);
    expect(await arrows()).toEqual(['running', 'succeeded']);
    expect(await output()).toBe('hello');
  });

  it('changes nothing when another agent speaks of a run, and lets it forget what it says (I11)', async () => {
    const thief = '019b7600-0000-7000-8000-0000000000ff' as AgentId;
    const messages = [message('never'), message('lost'), chunk('evil'), message('spawnFailed'), result('evil')];
    const replies = await links.say(thief, messages);
    expect(replies.map(({ kind }) => kind)).toEqual(['ackResult', 'ackOutput', 'ackResult', 'ackResult']);
    // Never a receipt of our making: it would prove the run to be the thief's.
    expect(new Set(replies.map((reply) => (reply as { receipt?: string }).receipt))).toEqual(new Set(['r'.repeat(43)]));
    expect(await stored()).toEqual(run);
    expect(await output()).toBe('');
    expect(await arrows()).toEqual([]);
    expect(told).toEqual([]);
  });

  it('answers a gap with its own offset, and goes on from there', async () => {
    await say(chunk('he'));
    expect(await say(chunk('lo', 3))).toMatchObject([{ kind: 'ackOutput', offset: 2 }]);
    expect(await output()).toBe('he');
    expect(await say(chunk('ello', 1))).toMatchObject([{ kind: 'ackOutput', offset: 5 }]);
    expect(await output()).toBe('hello');
  });

  it('is not at the end while bytes are missing', async () => {
    expect(await say(result('hello'))).toMatchObject([
      { kind: 'ackOutput', stream: 'stdout', offset: 0 },
      { kind: 'ackOutput', stream: 'stderr', offset: 0 },
    ]);
    expect(await stored()).toMatchObject({ state: 'running', executed: null });
    await say(chunk('hello'), result('hello'));
    expect(await stored()).toMatchObject({ state: 'succeeded', truncated: false });
  });

  it('fetches output with another checksum again, and takes the right bytes then', async () => {
    await say(chunk('HELLO'));
    const replies = await say(result('hello'));
    expect(replies[0]).toMatchObject({ kind: 'ackOutput', stream: 'stdout', offset: 0 });
    expect(await output()).toBe('');
    expect((await stored()).state).toBe('running');
    await say(chunk('hello'), result('hello'));
    expect(await output()).toBe('hello');
    expect(await stored()).toMatchObject({ state: 'succeeded', truncated: false });
  });

  it('ends as truncated when the checksum is wrong a second time', async () => {
    await say(chunk('HELLO'), result('hello'));
    await say(chunk('HELLO'), result('hello'));
    expect(await stored()).toMatchObject({ state: 'succeeded', executed: 'yes', truncated: true });
  });

  it('acknowledges output beyond the limit, and says that it is not all there', async () => {
    expect(await say(chunk('123456789012'))).toMatchObject([{ kind: 'ackOutput', offset: 12 }]);
    expect(await output()).toBe('12345678');
    expect(await stored()).toMatchObject({ state: 'running', truncated: true, droppedBytes: 4 });
  });

  it.each([
    ['the same', 'hello, world', false],
    ['other bytes', 'HELLO, WORLD', true],
  ])(
    'keeps all of what went a little beyond the limit, which is whole when the agent has %s',
    async (_, text, truncated) => {
      await say(chunk('hello, '));
      await say(chunk('world', 7), result(text));
      expect(await output()).toBe('hello, world');
      expect(await stored()).toMatchObject({ truncated, tails: { stdout: { offset: 8, length: 4, missing: 0 } } });
    },
  );

  it('keeps the end of what went beyond the limit, as far as it has seen it', async () => {
    const text = `12345678${'x'.repeat(70_000)}${'y'.repeat(70_000)}`;
    const tail = 'y'.repeat(65_536);
    for (let at = 0; at < text.length; at += 50_000) await say(chunk(text.slice(at, at + 50_000), at));
    await say(result(text));
    const missing = text.length - 65_536 - 8;
    expect(await stored()).toMatchObject({
      state: 'succeeded',
      truncated: true,
      tails: { stdout: { offset: 8 + missing, length: 65_536, missing } },
    });
    const bytes = await nest.get(RunsStore).readOutput(run.id, 'stdout', 8 + missing, 100_000);
    expect(Buffer.from(bytes).toString() === tail).toBe(true);
    expect(await output()).toBe('12345678');
  });

  describe('a result with the end of an output of which more was written than is kept', () => {
    const tailOf = (text: string) => ({ length: text.length, sha256: shaOf(text) });
    const cut = (dropped: number, tail: string | null, fields: object = {}): Incoming => ({
      ...result('hello', {
        truncated: true,
        dropped: { stdout: dropped, stderr: 0 },
        ...(tail === null ? {} : { tails: { stdout: tailOf(tail), stderr: null } }),
        ...fields,
      }),
      bytes: Buffer.from(tail ?? ''),
    });
    const outputAt = async (offset: number): Promise<string> =>
      Buffer.from(await nest.get(RunsStore).readOutput(run.id, 'stdout', offset, 1000)).toString();

    it('is stored at its true place, apart from the beginning', async () => {
      await say(chunk('hello'), cut(20, 'the end'));
      expect(await stored()).toMatchObject({
        state: 'succeeded',
        truncated: true,
        droppedBytes: 20,
        acked: { stdout: 5, stderr: 0 },
        tails: { stdout: { offset: 18, length: 7, missing: 13 } },
      });
      expect([await output(), await outputAt(5), await outputAt(18), await outputAt(20)]).toEqual([
        'hello',
        '',
        'the end',
        'e end',
      ]);
    });

    it('changes nothing when it is said again', async () => {
      await say(chunk('hello'), cut(20, 'the end'));
      const before = await stored();
      await say(cut(20, 'the end'), cut(20, null), cut(90, 'another'));
      expect(await stored()).toEqual(before);
      expect(await outputAt(18)).toBe('the end');
    });

    it('waits for the beginning, and is stored when that is here', async () => {
      await say(cut(20, 'the end'));
      expect(await stored()).toMatchObject({ state: 'running', tails: null });
      expect(await outputAt(18)).toBe('');
      await say(chunk('hello'), cut(20, 'the end'));
      expect(await outputAt(18)).toBe('the end');
    });

    it('makes the output whole when nothing lies between', async () => {
      await say(chunk('hello'), cut(7, ' to all'));
      expect(await stored()).toMatchObject({
        truncated: false,
        tails: { stdout: { offset: 5, length: 7, missing: 0 } },
      });
      expect(await output()).toBe('hello to all');
    });

    it('counts what lies before it when the beginning was too long for the store, too', async () => {
      const [head, tail] = ['123456789012', 'the end'];
      await say(chunk(head), {
        ...result(head, {
          truncated: true,
          dropped: { stdout: 20, stderr: 0 },
          tails: { stdout: tailOf(tail), stderr: null },
        }),
        bytes: Buffer.from(tail),
      });
      expect(await stored()).toMatchObject({ truncated: true, tails: { stdout: { offset: 25, missing: 17 } } });
      expect([await output(), await outputAt(25)]).toEqual(['12345678', tail]);
    });

    it.each([
      ['an older agent', null, {}],
      ['one whose bytes are others', 'the end', { tails: { stdout: tailOf('the END'), stderr: null } }],
      ['one whose bytes are fewer', 'the end', { tails: { stdout: tailOf('the end, and more'), stderr: null } }],
      ['one that is longer than what was dropped', 'the end of all ends, really', {}],
    ])('ends the run without it, from %s, and tells how much is missing', async (_, tail, fields) => {
      await say(chunk('hello'), cut(20, tail, fields));
      expect(await stored()).toMatchObject({
        state: 'succeeded',
        truncated: true,
        tails: { stdout: { offset: 25, length: 0, missing: 20 } },
      });
      expect(await outputAt(5)).toBe('');
    });

    it('is not taken by a run that was lost before', async () => {
      await say(chunk('hello'), message('lost'));
      await say(cut(20, 'the end'));
      expect(await stored()).toMatchObject({ state: 'lost', tails: null });
      expect(await outputAt(18)).toBe('');
    });
  });

  it('keeps a result beside a run that was lost before, whose end does not change', async () => {
    await say(message('lost', { started: false }));
    const lost = await stored();
    expect(lost).toMatchObject({ state: 'lost', executed: 'unknown' });
    expect(await say(result('', { code: 3 }))).toMatchObject([{ kind: 'ackResult', runId: run.id }]);
    expect(await stored()).toEqual({ ...lost, rev: lost.rev + 1, lateResult: (await stored()).lateResult });
    expect((await stored()).lateResult).toMatchObject({ kind: 'result', exitCode: 3 });
    expect(await arrows()).toEqual(['running', 'lost']);
  });
});
