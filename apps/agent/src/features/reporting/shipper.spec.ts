import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentId, FromAgent, JournalId, PerStream, RunId, Stream } from '@scriptmesh/contracts';
import { MovedClock } from '@scriptmesh/testing';
import type { SendVerdict } from '@scriptmesh/transport';
import { KeptLog, runIdOf } from '../../test-support/agent-home.js';
import { openTestJournal } from '../../test-support/open-test-journal.js';
import { FakeStarter } from '../../test-support/fake-starter.js';
import type { Journal } from '../journal/index.js';
import { WelcomeGate, type Outgoing } from '../link/index.js';
import { OutputReader } from './output-reader.js';
import { RunParcel } from './run-parcel.js';
import { Shipper } from './shipper.js';

const RUN = runIdOf(1);
const RECEIPT = 'r'.repeat(43);
const ENVELOPE = {
  v: 1,
  agentId: runIdOf(9) as string as AgentId,
  keyId: '',
  journalId: '' as JournalId,
  now: 0,
  storeSeq: 0,
} as const;

class MemoryOutput extends OutputReader {
  readonly files: Record<Stream, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  override async read(_: string, stream: Stream, offset: number, maxBytes: number): Promise<Uint8Array> {
    return this.files[stream].subarray(offset, offset + maxBytes);
  }
  override async lengths(): Promise<PerStream<number>> {
    return { stdout: this.files.stdout.length, stderr: this.files.stderr.length };
  }
}

/** Time also passes while the shipper looks at the clock: by the next of `ticks` at each look. */
class TickingClock extends MovedClock {
  ticks: number[] = [];
  #passedMs = 0;
  override monotonicMs(): number {
    this.#passedMs += this.ticks.shift() ?? 0;
    return super.monotonicMs() + this.#passedMs;
  }
}

describe('the shipper', () => {
  let home: string;
  let journal: Journal;
  let clock: TickingClock;
  let output: MemoryOutput;
  let starter: FakeStarter;
  let shipper: Shipper;
  let verdict: SendVerdict;
  let lists: (readonly Outgoing[])[];
  let answer: (messages: readonly FromAgent[]) => Promise<void>;
  const gate = new WelcomeGate();

  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const advance = async (ms: number): Promise<void> => clock.advance(ms).then(settled);
  const write = (stream: Stream, text: string): void => {
    output.files[stream] = Buffer.concat([output.files[stream], Buffer.from(text)]);
    shipper.noteOutput(RUN, stream, output.files[stream].length);
  };
  const exit = async (): Promise<void> => {
    const lengths = await output.lengths();
    const sha256 = { stdout: 'a'.repeat(64), stderr: 'b'.repeat(64) };
    await journal.writeEnd(RUN, {
      kind: 'exit',
      code: 0,
      signal: null,
      killedBy: null,
      lengths,
      sha256,
      dropped: { stdout: 0, stderr: 0 },
      durationMs: 1,
    });
    shipper.shipmentOf(RUN).stopGathering();
    shipper.wake();
    await settled();
  };
  const ackOutput = (stream: Stream, offset: number, runId: RunId = RUN) =>
    shipper.noteOutputAck({ ...ENVELOPE, kind: 'ackOutput', runId, receipt: RECEIPT, stream, offset });
  const ackResult = () => shipper.noteResultAck({ ...ENVELOPE, kind: 'ackResult', runId: RUN, receipt: RECEIPT });
  const sent = (): readonly string[] =>
    lists.map((list) =>
      list
        .map(({ message, bytes }) =>
          message.kind === 'chunk' ? `${message.stream}@${message.offset}+${bytes?.length}` : message.kind,
        )
        .join(' '),
    );

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'scriptmesh-shipper-'));
    journal = await openTestJournal(join(home, 'spool'));
    await journal.writeIntent({ runId: RUN, receipt: RECEIPT, script: 's', scriptSha: 'a'.repeat(64), timeoutMs: 1 });
    clock = new TickingClock();
    output = new MemoryOutput();
    starter = new FakeStarter();
    starter.running.add(RUN);
    verdict = 'sent';
    lists = [];
    answer = async () => undefined;
    const mail = {
      send: async (messages: readonly Outgoing[]): Promise<SendVerdict> => {
        lists.push(messages);
        if (verdict === 'sent') await answer(messages.map(({ message }) => message));
        return verdict;
      },
    };
    gate.open();
    shipper = new Shipper(mail, gate, journal, new RunParcel(journal, starter, output, new KeptLog()), clock);
  });
  afterEach(() => {
    shipper.stop();
    rmSync(home, { recursive: true, force: true });
  });

  it.each([[[0, 0, 25]], [[0, 25]], [[25]]])(
    'forgets no hold that ends between two looks at the clock: %j',
    async (ticks) => {
      answer = async (messages) => {
        await clock.advance(40);
        for (const message of messages)
          if (message.kind === 'chunk') await ackOutput(message.stream, output.files[message.stream].length);
      };
      write('stdout', 'one');
      await settled();
      clock.ticks = ticks;
      write('stdout', 'two');
      await settled();
      await advance(50);
      expect(sent()).toEqual(['stdout@0+3', 'stdout@3+3']);
    },
  );

  it('lets no run wait for others that pour out more than a list holds', async () => {
    const CHUNK = 512 * 1024;
    const [pours, too, quiet] = [RUN, runIdOf(2), runIdOf(3)];
    for (const runId of [too, quiet]) {
      await journal.writeIntent({ runId, receipt: RECEIPT, script: 's', scriptSha: 'a'.repeat(64), timeoutMs: 1 });
      starter.running.add(runId);
    }
    output.files.stdout = Buffer.alloc(4 * CHUNK);
    answer = async (messages) => {
      for (const message of messages)
        if (message.kind === 'chunk') await ackOutput('stdout', message.offset + CHUNK, message.runId);
    };
    for (const runId of [pours, too]) shipper.noteOutput(runId, 'stdout', 4 * CHUNK);
    shipper.noteOutput(quiet, 'stdout', 1);
    await settled();
    const runsOf = (list: readonly Outgoing[] = []) => list.map(({ message }) => 'runId' in message && message.runId);
    expect(lists.slice(0, 3).map(runsOf)).toEqual([
      [pours, too],
      [quiet, pours, too],
      [pours, too],
    ]);
    expect(lists.flatMap(runsOf)).toHaveLength(9);
  });

  it('gathers further output for half as long as the acknowledgement took', async () => {
    write('stdout', 'one');
    await settled();
    await advance(10);
    await ackOutput('stdout', 3);
    write('stdout', 'two');
    await advance(4);
    expect(sent()).toEqual(['stdout@0+3']);
    write('stdout', 'more');
    await advance(1);
    expect(sent()).toEqual(['stdout@0+3', 'stdout@3+7']);
  });

  it.each([
    { what: 'with an end that comes in time', waitMs: 7, list: 'accepted stdout@0+3 result' },
    { what: 'with the first output alone when the script goes on', waitMs: 8, list: 'accepted stdout@0+3' },
  ])('sends the acceptance of a new run $what', async ({ waitMs, list }) => {
    shipper.noteAccepted(RUN);
    await advance(3);
    write('stdout', 'one');
    await settled();
    await advance(waitMs);
    await exit();
    expect(sent()[0]).toBe(list);
  });

  it('sends the acceptance of a run that says nothing by itself', async () => {
    shipper.noteAccepted(RUN);
    await advance(24);
    expect(sent()).toEqual([]);
    await advance(1);
    expect(sent()).toEqual(['accepted']);
  });

  it('forgets no pause that ends between two looks at the clock', async () => {
    verdict = 'not-sent';
    write('stdout', 'one');
    await settled();
    verdict = 'sent';
    clock.ticks = [0, 300];
    shipper.wake();
    await advance(50);
    expect(sent()).toEqual(['stdout@0+3', 'stdout@0+3']);
  });

  it('sends the first output at once, gathers what follows, and sends the rest together with the result', async () => {
    answer = async (messages) => {
      await clock.advance(40);
      for (const message of messages)
        if (message.kind === 'chunk') await ackOutput(message.stream, output.files[message.stream].length);
    };
    write('stdout', 'one');
    await settled();
    write('stdout', 'two');
    write('stdout', 'three');
    await settled();
    expect(sent()).toEqual(['stdout@0+3']);
    write('stderr', 'x');
    await exit();
    expect(sent()).toEqual(['stdout@0+3', 'stdout@3+8 stderr@0+1 result']);
  });

  it('sends again what is not acknowledged, ever less often, and never together with a gap', async () => {
    write('stdout', 'one');
    await settled();
    for (const pauseMs of [250, 500, 1000]) {
      await advance(pauseMs - 1);
      const before = lists.length;
      await advance(1);
      expect(lists.length).toBe(before + 1);
    }
    expect(new Set(sent())).toEqual(new Set(['stdout@0+3']));
  });

  it('goes back when the orchestrator has less than before, and does not believe it has more than there is', async () => {
    write('stdout', 'abcdef');
    await settled();
    await ackOutput('stdout', 6);
    await ackOutput('stdout', 2);
    await advance(1000);
    expect(sent().slice(0, 2)).toEqual(['stdout@0+6', 'stdout@2+4']);
    await ackOutput('stdout', 999_999);
    write('stdout', 'gh');
    await advance(1000);
    expect(sent().at(-1)).toBe('stdout@6+2');
  });

  it('settles a run only when its end is on record', async () => {
    await ackResult();
    expect(journal.find(RUN)).toMatchObject({ kind: 'intent' });
    await exit();
    await ackResult();
    expect(journal.find(RUN)).toMatchObject({ kind: 'done' });
    expect(journal.open()).toEqual([]);
  });

  it('waits ever longer for an orchestrator that is away, and starts at once when it is back', async () => {
    verdict = 'not-sent';
    write('stdout', 'one');
    await settled();
    await advance(249);
    expect(lists).toHaveLength(1);
    await advance(1);
    expect(lists).toHaveLength(2);
    await advance(60_000);
    const before = lists.length;
    verdict = 'sent';
    shipper.wakeNow();
    await settled();
    expect(lists.length).toBe(before + 1);
  });

  it('gives what waits to an orchestrator that fetches, once, and nothing before the welcome', async () => {
    verdict = 'not-sent';
    write('stdout', 'one');
    await settled();
    gate.shut();
    expect(await shipper.takeWaiting()).toEqual([]);
    gate.open();
    expect(await shipper.takeWaiting()).toMatchObject([{ message: { kind: 'chunk', offset: 0 } }]);
    expect(await shipper.takeWaiting()).toEqual([]);
  });

  it('cuts large output into bounded pieces, with the result after the last', async () => {
    answer = async (messages) => {
      for (const message of messages) {
        if (message.kind === 'chunk')
          await ackOutput(message.stream, Math.min(output.files.stdout.length, message.offset + 512 * 1024));
      }
    };
    output.files.stdout = Buffer.alloc(1200 * 1024, 'x');
    await exit();
    for (let turn = 0; turn < 20 && sent().length < 3; turn += 1) await settled();
    expect(sent()).toEqual(['stdout@0+524288', 'stdout@524288+524288', 'stdout@1048576+180224 result']);
  });

  it('says that output is gone when its file is shorter than the record', async () => {
    output.files.stdout = Buffer.from('abc');
    await exit();
    lists.length = 0;
    output.files.stdout = Buffer.from('a');
    await ackOutput('stdout', 1);
    await advance(1000);
    expect(lists.at(-1)?.at(-1)?.message).toMatchObject({ kind: 'result', truncated: true });
  });
});
