import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MovedClock } from '@scriptmesh/testing';
import { AGENT_VERSION } from '../../../agent-version.js';
import { OsNodeFacts } from './os-node-facts.js';

describe('what the node is', () => {
  it('names the version of the package', () => {
    const manifest = new URL('../../../../../../package.json', import.meta.url);
    expect(AGENT_VERSION).toBe((JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version);
  });

  it('has one boot id as long as the node runs', () => {
    expect(new OsNodeFacts(new MovedClock()).bootId()).toBe(new OsNodeFacts(new MovedClock()).bootId());
  });
});
