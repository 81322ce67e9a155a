import { describe, expect, it } from 'vitest';
import { checkHistory } from './check.mjs';
import { KINDS } from './fault-kinds.mjs';
import { planFaults } from './plan.mjs';

const ID = '019b7600-0000-7000-8000-000000000001';
const BEGAN = Date.parse('2026-11-23T08:00:00Z');
const NORMAL = [
  [null, 'queued', 'asked'],
  ['queued', 'dispatched', 'sent'],
  ['dispatched', 'running', 'accepted'],
];

const aFault = (kind, patch = {}) => ({
  kind,
  agent: 'a',
  beganAt: BEGAN + 500,
  endedAt: BEGAN + 600,
  happened: true,
  ...patch,
});

/** A run as the API tells it, that lived for a second; `cause` is that of its end. */
const ended = (run = {}, { cause = 'result', stdout = 'whole', stderr = 'whole', before = NORMAL } = {}) => {
  const state = run.state ?? 'succeeded';
  return {
    run: {
      id: ID,
      agent: 'a',
      state,
      executed: 'yes',
      exitCode: state === 'succeeded' ? 0 : null,
      truncated: state === 'lost',
      createdAt: new Date(BEGAN).toISOString(),
      finishedAt: new Date(BEGAN + 1_000).toISOString(),
      ...run,
    },
    transitions: [...before, [before.at(-1)[1], state, cause]].map(([from, to, why]) => ({ from, to, cause: why })),
    stdout,
    stderr,
  };
};

const history = (patch = {}) => ({
  kinds: [],
  faults: [],
  accepted: [{ key: 'k', id: ID, agent: 'a', script: 'quick', cancelled: false, attempts: 1 }],
  refused: [],
  ended: { [ID]: ended() },
  stillLive: [],
  ledger: [ID],
  idsInStore: [ID],
  leftOver: [],
  failedStarts: 0,
  ...patch,
});

const violationsOf = (patch) => checkHistory(history(patch)).violations.map(({ violation }) => violation);
const ofRun = (run, more, patch = {}) => violationsOf({ ended: { [ID]: ended(run, more) }, ...patch });
const asked = (patch) => [{ ...history().accepted[0], ...patch }];

describe('the checker of a fault run', () => {
  it('finds nothing wrong with a run that went as it should', () => {
    const { figures, violations } = checkHistory(history());
    expect(violations).toEqual([]);
    expect(figures).toMatchObject({ accepted: 1, spawned: 1, final: { succeeded: 1 }, duplicates: 0, missing: 0 });
  });

  it('finds what the spawns and the store say of the whole', () => {
    expect(violationsOf({ ledger: [ID, ID] })).toContain('spawned twice');
    expect(violationsOf({ ledger: [ID, 'other'] })).toEqual(['a spawn that nobody asked for']);
    expect(violationsOf({ idsInStore: [ID, 'other'] })).toEqual(['a run that nobody asked for']);
    expect(violationsOf({ ended: { [ID]: null } })).toEqual(['missing']);
    expect(violationsOf({ stillLive: [ID] })).toEqual(['not final in time']);
    expect(violationsOf({ accepted: [...asked({}), ...asked({ key: 'l' })] })).toEqual(['two requests, one run']);
    expect(violationsOf({ leftOver: ['process 1'], refused: ['400'] })).toEqual(['a request refused', 'left over']);
  });

  it('finds a fault that was due and never happened', () => {
    const faults = [aFault('kill-agent'), aFault('disk-full', { happened: false })];
    expect(violationsOf({ kinds: ['kill-agent', 'disk-full'], faults })).toEqual(['a fault that never happened']);
  });

  it('finds an `executed` that the ledger contradicts, or the state', () => {
    expect(violationsOf({ ledger: [] })).toEqual(['executed does not say what happened']);
    expect(ofRun({ state: 'expired', executed: 'no' })).toContain('executed does not say what happened');
    expect(ofRun({ executed: 'unknown' })).toEqual(['executed does not fit the state']);
  });

  it('takes a cancelled process without a line for killed before its first one, not one that printed', () => {
    const cancelled = { state: 'cancelled', signal: 'SIGTERM', stdoutBytes: 0, stderrBytes: 0 };
    const unseen = { ledger: [], accepted: asked({ cancelled: true }) };
    expect(ofRun(cancelled, { stdout: 'beginning' }, unseen)).toEqual([]);
    expect(ofRun({ ...cancelled, stdoutBytes: 1 }, {}, unseen)).toEqual(['executed does not say what happened']);
    expect(ofRun(cancelled, {}, { ...unseen, ledger: [ID, ID] })).toContain('spawned twice');
  });

  it('finds states that the script cannot have', () => {
    const wrong = ['a state that the script cannot have'];
    expect(ofRun({ exitCode: 1 })).toEqual(wrong);
    expect(ofRun({ state: 'failed', exitCode: 7 })).toEqual(wrong);
    expect(ofRun({ state: 'cancelled' })).toEqual(wrong);
    expect(ofRun({ state: 'cancelled' }, {}, { accepted: asked({ cancelled: true }) })).toEqual([]);
    expect(ofRun({ state: 'failed', exitCode: 7 }, {}, { accepted: asked({ script: 'failing' }) })).toEqual([]);
  });

  it('finds transitions that are none', () => {
    expect(ofRun({}, { before: NORMAL.slice(0, 2) })).toEqual(['illegal transitions']);
    expect(ofRun({}, { before: [...NORMAL, ['running', 'succeeded', 'result']] })).toEqual(['illegal transitions']);
  });

  it('lets a run be lost only by a fault that hit its agent while it lived', () => {
    const lost = (cause, faults) => ofRun({ state: 'lost' }, { cause }, { faults });
    const wrong = ['a loss without a cause of I9'];
    expect(lost('supervisor-ended', [aFault('kill-supervisor')])).toEqual([]);
    expect(lost('supervisor-ended', [aFault('kill-supervisor', { agent: 'b' })])).toEqual(wrong);
    expect(lost('supervisor-ended', [aFault('kill-supervisor', { beganAt: BEGAN + 2_000 })])).toEqual(wrong);
    expect(lost('supervisor-ended', [aFault('kill-agent')])).toEqual(wrong);
    expect(
      lost(
        'silence',
        KINDS.map((kind) => aFault(kind)),
      ),
    ).toEqual(wrong);
  });

  it('finds a lost run that is called whole', () => {
    const found = ofRun(
      { state: 'lost', truncated: false },
      { cause: 'supervisor-ended' },
      { faults: [aFault('kill-supervisor')] },
    );
    expect(found).toEqual(['a lost run called whole']);
  });

  it('finds wrong bytes, also of a run that was lost, and output that is not whole', () => {
    const faults = [aFault('kill-supervisor')];
    expect(ofRun({ state: 'lost' }, { cause: 'supervisor-ended', stderr: 'wrong' }, { faults })).toEqual([
      'wrong bytes',
    ]);
    expect(ofRun({ state: 'lost' }, { cause: 'supervisor-ended', stdout: 'beginning' }, { faults })).toEqual([]);
    expect(ofRun({}, { stdout: 'beginning' })).toEqual(['wrong bytes']);
    expect(ofRun({ truncated: true }, { stdout: 'beginning' })).toEqual(['wrong bytes']);
    const full = [aFault('disk-full')];
    expect(ofRun({ truncated: true }, { stdout: 'beginning' }, { faults: full })).toEqual([]);
  });
});

describe('the plan of a fault run', () => {
  const options = { minutes: 1, without: [], transports: ['http', 'websocket', 'http'] };

  it('has every kind of fault and is the same for the same seed', () => {
    for (const seed of [1, 2, 3]) {
      const plan = planFaults({ ...options, seed });
      expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(KINDS));
      expect(planFaults({ ...options, seed })).toEqual(plan);
    }
  });

  it('leaves out what it is told to', () => {
    const plan = planFaults({ ...options, seed: 1, without: ['disk-full'] });
    expect(plan.map(({ kind }) => kind)).not.toContain('disk-full');
  });
});
