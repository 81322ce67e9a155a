import type { AgentId } from '@scriptmesh/contracts';
import { describe, expect, it } from 'vitest';
import { HeardStores } from './heard-stores.js';

const heard = (agent: string, storeSeq: number) => ({
  agentId: agent as AgentId,
  storeSeq,
  proof: `proof of ${storeSeq} for ${agent}`,
});

describe('what was heard of the store', () => {
  it('keeps the furthest, whatever order frames arrive in', () => {
    const stores = new HeardStores();
    for (const seq of [5, 9, 7]) stores.note(heard('a', seq));
    expect(stores.find('a' as AgentId)).toEqual(heard('a', 9));
    expect(stores.asField).toEqual({ heard: heard('a', 9) });
  });

  it('keeps each id of this agent apart: another installation counts from the beginning', () => {
    const stores = new HeardStores([heard('a', 900)]);
    stores.note(heard('b', 3));
    expect(stores.find('b' as AgentId)).toEqual(heard('b', 3));
    expect(stores.find('a' as AgentId)).toEqual(heard('a', 900));
    expect(stores.asField).toEqual({ heard: heard('b', 3) });
  });

  it('says nothing before anything was heard', () => {
    expect(new HeardStores().asField).toEqual({});
    expect(new HeardStores().find('a' as AgentId)).toBeUndefined();
  });
});
