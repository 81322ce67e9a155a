import { describe, expect, it } from 'vitest';
import { MovedClock } from '@scriptmesh/testing';
import { OrchestratorTime } from './orchestrator-time.js';

describe('the estimate of orchestrator time', () => {
  it('is the highest it was told plus monotonic time since, whatever the wall clock does', async () => {
    const clock = new MovedClock();
    const time = new OrchestratorTime(clock);
    expect(time.nowMs()).toBe(0);
    time.hear(1000);
    await clock.advance(50);
    clock.jumpWallClock(86_400_000);
    expect(time.nowMs()).toBe(1050);
    time.hear(1040);
    expect(time.nowMs()).toBe(1050);
    time.hear(2000);
    expect(time.nowMs()).toBe(2000);
  });

  it('is corrected by an answer, which is younger than its question, and never to less than that allows', async () => {
    const clock = new MovedClock();
    const time = new OrchestratorTime(clock);
    time.hear(86_400_000);
    const askedAtMs = clock.monotonicMs();
    await clock.advance(30);
    time.hear(1000);
    expect(time.nowMs()).toBe(86_400_030);
    time.hearAnswer(1000, askedAtMs);
    expect(time.nowMs()).toBe(1030);
    time.hearAnswer(1020, askedAtMs);
    expect(time.nowMs()).toBe(1030);
  });
});
