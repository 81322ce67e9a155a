import { describe, expect, it } from 'vitest';
import { statusOf02, type StatusFacts } from './status-of-02.js';

describe('statusOf02', () => {
  it.each<[StatusFacts, string]>([
    // The sweep did not reach it a moment ago; that it answered the one before does not count any more.
    [{ isOnlyPolled: true, liveness: 'online', found: 'offline' }, 'offline'],
    [{ isOnlyPolled: true, liveness: 'online', found: 'error 401' }, 'error 401'],
    [{ isOnlyPolled: true, liveness: 'online', found: 'online' }, 'online'],
    [{ isOnlyPolled: true, liveness: 'offline', found: undefined }, 'unknown'],
    [{ isOnlyPolled: false, liveness: 'online', found: 'offline' }, 'online'],
    [{ isOnlyPolled: false, liveness: 'suspect', found: 'offline' }, 'offline'],
    [{ isOnlyPolled: false, liveness: 'suspect', found: undefined }, 'online'],
    [{ isOnlyPolled: false, liveness: 'unknown', found: undefined }, 'unknown'],
  ])('makes of %j the status %s', (facts, status) => {
    expect(statusOf02(facts)).toBe(status);
  });
});
