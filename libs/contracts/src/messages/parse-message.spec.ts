import { describe, expect, it } from 'vitest';
import { parseFromAgent, parseToAgent } from './parse-message.js';

const RUN = '019b7600-0000-7000-8000-000000000001';
const RECEIPT = 'r'.repeat(43);
const ENVELOPE = {
  v: 1,
  agentId: '019b7600-0000-7000-8000-0000000000aa',
  keyId: '0123456789abcdef',
  journalId: '0'.repeat(32),
  now: 1,
};
const offer = {
  ...ENVELOPE,
  storeSeq: 4,
  kind: 'offer',
  runId: RUN,
  receipt: RECEIPT,
  script: 'hello',
  params: {},
  deliverBy: 5,
  timeoutMs: null,
};

describe('reading the header of a message', () => {
  it('gives the message back with the fields that its kind has', () => {
    expect(parseToAgent(offer)).toEqual(offer);
  });

  it('takes the place in a trace, which may be left out', () => {
    const traced = { ...offer, traceparent: `00-${'a'.repeat(32)}-${'1'.repeat(16)}-01` };
    expect(parseToAgent(traced)).toEqual(traced);
  });

  it('drops fields it does not know, so that an older program understands a newer one', () => {
    expect(parseToAgent({ ...offer, later: 'word' })).toEqual(offer);
  });

  it.each([0, 2, '1', undefined])('refuses the version %j by name', (v) => {
    expect(() => parseToAgent({ ...offer, v })).toThrow(/message\/unknown-version/);
  });

  it.each(['execute', '__proto__', 'toString', 7, undefined])('refuses the kind %j by name', (kind) => {
    expect(() => parseToAgent({ ...offer, kind })).toThrow(/message\/unknown-kind/);
  });

  it('refuses a kind that only the other side may send', () => {
    expect(() => parseFromAgent({ ...offer, recordCount: 0, heardSeq: 0 })).toThrow(/message\/unknown-kind/);
  });

  it.each(Object.keys(offer).filter((name) => name !== 'v' && name !== 'kind'))(
    'refuses an offer without %s',
    (name) => {
      const { [name as keyof typeof offer]: _left, ...rest } = offer;
      expect(() => parseToAgent(rest)).toThrow(`message/malformed: the field ${name} of a message "offer"`);
    },
  );

  it.each([
    ['runId', '../../etc'],
    ['runId', RUN.toUpperCase()],
    ['params', []],
    ['deliverBy', -1],
    ['deliverBy', 1.5],
    // Below one it would be no limit at all.
    ['timeoutMs', 0],
    ['timeoutMs', Number.MAX_SAFE_INTEGER + 2],
    ['receipt', 'short'],
    ['journalId', 'x'],
    ['traceparent', 'x'],
    ['traceparent', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`],
    ['traceparent', null],
  ])('refuses an offer whose %s is %j', (name, value) => {
    expect(() => parseToAgent({ ...offer, [name]: value })).toThrow(/message\/malformed/);
  });

  it.each([null, [], 'text', 3])('refuses the header %j', (header) => {
    expect(() => parseToAgent(header)).toThrow(/message\/malformed/);
  });

  it('takes no field from a prototype', () => {
    const inherited = Object.assign(Object.create({ deliverBy: 5 }) as object, { ...offer, deliverBy: undefined });
    expect(() => parseToAgent(inherited)).toThrow(/deliverBy/);
  });

  const both = <T>(value: T) => ({ stdout: value, stderr: value });
  const result = {
    ...ENVELOPE,
    recordCount: 0,
    heardSeq: 0,
    kind: 'result',
    runId: RUN,
    receipt: RECEIPT,
    code: 0,
    signal: null,
    lengths: both(1),
    sha256: both('a'.repeat(64)),
    killedBy: null,
    truncated: true,
    dropped: both(70_000),
    durationMs: 1,
  };
  const tail = { length: 65_536, sha256: 'b'.repeat(64) };
  it('takes the tails of a result, which older agents do not have', () => {
    expect(parseFromAgent(result)).toEqual(result);
    for (const tails of [both(tail), { stdout: tail, stderr: null }])
      expect(parseFromAgent({ ...result, tails })).toEqual({ ...result, tails });
  });

  it.each([
    null,
    [],
    { stdout: tail },
    both({ ...tail, length: 0 }),
    both({ ...tail, length: 65_537 }),
    both({ ...tail, sha256: 'b' }),
    both(5),
  ])('refuses a result whose tails are %j', (tails) => {
    expect(() => parseFromAgent({ ...result, tails })).toThrow('the field tails');
  });

  it('refuses an inventory of more than 1000 runs', () => {
    const sign = { bootId: 'b', manifestSha: null, freeSlots: 1, spoolBytes: 0, diskFree: null };
    const heartbeat = {
      ...ENVELOPE,
      kind: 'heartbeat',
      recordCount: 0,
      heardSeq: 0,
      ...sign,
      inventory: Array(1001).fill(RUN),
    };
    expect(() => parseFromAgent(heartbeat)).toThrow(/inventory/);
    expect(parseFromAgent({ ...heartbeat, inventory: [RUN] })).toMatchObject({ inventory: [RUN] });
  });

  const readLog = {
    ...ENVELOPE,
    storeSeq: 4,
    kind: 'readLog',
    requestId: 'a'.repeat(32),
    log: 'app',
    file: null,
    fileId: null,
    tailLines: 10,
    fromOffset: null,
    sinceMs: null,
    untilMs: null,
    keeping: null,
  };
  it.each([
    ['requestId', 'A'.repeat(32)],
    ['log', '../x'],
    ['log', '__proto__'],
    ['file', 'a/b'],
    ['file', ''],
    ['file', 'a\0b'],
    ['fileId', '../'],
    ['tailLines', 100_001],
    ['tailLines', -1],
    ['fromOffset', '0'],
    ['sinceMs', 1.5],
    ['keeping', 1],
  ])('refuses a question about a log whose %s is %j', (name, value) => {
    expect(parseToAgent(readLog)).toEqual(readLog);
    expect(() => parseToAgent({ ...readLog, [name]: value })).toThrow(`the field ${name}`);
  });

  const logPart = {
    ...ENVELOPE,
    recordCount: 0,
    heardSeq: 0,
    kind: 'logPart',
    requestId: 'a'.repeat(32),
    file: 'app.log',
    fileId: '0'.repeat(16),
    offset: 0,
    nextOffset: 5,
    size: 5,
    keeping: true,
    changed: null,
  };
  it.each([
    ['file', '../app.log'],
    ['fileId', 'x'],
    ['offset', -1],
    ['size', null],
    ['changed', 'removed'],
  ])('refuses a part of a log whose %s is %j', (name, value) => {
    expect(parseFromAgent(logPart)).toEqual(logPart);
    expect(() => parseFromAgent({ ...logPart, [name]: value })).toThrow(`the field ${name}`);
  });
});
