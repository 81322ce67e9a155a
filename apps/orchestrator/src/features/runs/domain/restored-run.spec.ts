import { agentPrincipal, type AgentId, type RunId } from '@scriptmesh/contracts';
import { describe, expect, it } from 'vitest';
import { aRun, JOURNAL, NOW_MS } from '../test-support/a-run.js';
import { adoptedRun, markRestored } from './restored-run.js';

describe('a live run of a restored database', () => {
  it('leaves the queue: it may have been sent since the backup', () => {
    const { run, moves } = markRestored(aRun(), JOURNAL, NOW_MS);
    expect(run).toMatchObject({ state: 'dispatched', restored: true, inDoubt: 1, journalId: JOURNAL });
    expect(run).toMatchObject({ deliverByMs: NOW_MS, nextOfferAtMs: NOW_MS, dispatchedAtMs: NOW_MS });
    expect(moves).toMatchObject([{ from: 'queued', to: 'dispatched' }]);
  });

  it('keeps the journal that it was offered to, and is to be fenced now', () => {
    const { run, moves } = markRestored(aRun({ state: 'dispatched', inDoubt: 2 }), 'b'.repeat(32) as never, NOW_MS);
    expect(run).toMatchObject({ restored: true, inDoubt: 3, journalId: JOURNAL, deliverByMs: NOW_MS });
    expect(moves).toEqual([]);
  });

  it('keeps the end of its time when that is over already', () => {
    const overdue = aRun({ state: 'dispatched', deliverByMs: NOW_MS - 5 });
    expect(markRestored(overdue, JOURNAL, NOW_MS).run.deliverByMs).toBe(NOW_MS - 5);
  });

  it('goes on running', () => {
    const running = aRun({ state: 'running', started: true });
    expect(markRestored(running, JOURNAL, NOW_MS).run).toEqual({ ...running, restored: true, inDoubt: 2 });
  });

  it('is marked once, however often the restore is noticed', () => {
    const { run } = markRestored(aRun(), JOURNAL, NOW_MS);
    expect(markRestored(run, JOURNAL, NOW_MS + 10).run).toBe(run);
  });
});

describe('an adopted run', () => {
  const id = '019b7600-0000-7000-8000-000000000001' as RunId;
  const agentId = '019b7600-0000-7000-8000-0000000000a1' as AgentId;
  const principal = agentPrincipal(agentId);

  it('may have been sent, is asked about and never offered', () => {
    const run = adoptedRun({ id, agentId, agentName: 'db-1', journalId: JOURNAL, principal, nowMs: 2_000_000_000_000 });
    expect(run).toMatchObject({ state: 'dispatched', inDoubt: 1, restored: true, journalId: JOURNAL, executed: null });
    expect(run.deliverByMs).toBe(2_000_000_000_000);
    // Its id tells when it was asked for.
    expect(run.createdAtMs).toBe(0x019b76000000);
  });

  it('was not made in the future', () => {
    const run = adoptedRun({ id, agentId, agentName: 'db-1', journalId: JOURNAL, principal, nowMs: 1000 });
    expect(run.createdAtMs).toBe(1000);
  });
});
