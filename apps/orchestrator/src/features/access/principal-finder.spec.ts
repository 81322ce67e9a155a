import { BadKeyLimiter } from '@scriptmesh/auth';
import type { AgentId } from '@scriptmesh/contracts';
import { MovedClock } from '@scriptmesh/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { someSettings, TEST_MAIN_KEY } from '../../test-support/surroundings.js';
import { AgentKeyLookup } from './agent-key-lookup.js';
import { PrincipalFinder } from './principal-finder.js';

const A = '019b7600-0000-7000-8000-00000000000a' as AgentId;
const B = '019b7600-0000-7000-8000-00000000000b' as AgentId;

class KnownKeys extends AgentKeyLookup {
  readonly keys = new Map<string, readonly AgentId[]>([['shared-key', [A, B]]]);
  override findAgents(key: string): Promise<readonly AgentId[]> {
    return Promise.resolve(this.keys.get(key) ?? []);
  }
}

describe('PrincipalFinder', () => {
  let clock: MovedClock;
  let keys: KnownKeys;
  let finder: PrincipalFinder;
  beforeEach(() => {
    clock = new MovedClock();
    keys = new KnownKeys();
    finder = new PrincipalFinder(someSettings(), keys, new BadKeyLimiter(20, clock));
  });

  it('knows the holder of the main key and the agents that share a key', async () => {
    expect(await finder.getPrincipal(TEST_MAIN_KEY, 'x')).toEqual({ kind: 'operator', id: 'operator:main' });
    expect(await finder.getPrincipal('shared-key', 'x')).toEqual({ kind: 'agent', id: `agent:${A}`, agentIds: [A, B] });
  });

  it.each([
    undefined,
    '',
    ' ',
    'x',
    'x'.repeat(8192),
    `${TEST_MAIN_KEY} `,
    TEST_MAIN_KEY.slice(0, -1),
    TEST_MAIN_KEY.toUpperCase(),
  ])('answers 401 to %j', async (key) => {
    await expect(finder.getPrincipal(key, 'x')).rejects.toMatchObject({ code: 'auth/unauthorized', status: 401 });
  });

  it('answers 429 to the 21st bad key of an address in a minute, and still takes a good one from there', async () => {
    for (let i = 0; i < 20; i += 1)
      await expect(finder.getPrincipal(`bad-${i}`, '10.0.0.1')).rejects.toMatchObject({ status: 401 });
    await expect(finder.getPrincipal('bad', '10.0.0.1')).rejects.toMatchObject({ status: 429, retryAfterSeconds: 60 });
    await expect(finder.getPrincipal('bad', '10.0.0.2')).rejects.toMatchObject({ status: 401 });
    expect(await finder.getPrincipal(TEST_MAIN_KEY, '10.0.0.1')).toMatchObject({ kind: 'operator' });
    await clock.advance(60_000);
    await expect(finder.getPrincipal('bad', '10.0.0.1')).rejects.toMatchObject({ status: 401 });
  });

  it('gives a removed agent no place: its key is unknown with the next request', async () => {
    expect(await finder.getPrincipal('shared-key', 'x')).toMatchObject({ kind: 'agent' });
    keys.keys.clear();
    await expect(finder.getPrincipal('shared-key', 'x')).rejects.toMatchObject({ status: 401 });
  });
});
