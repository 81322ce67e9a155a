import { describe, expect, it } from 'vitest';
import type { AgentId, RunId } from '@scriptmesh/contracts';
import { makeFernetKey } from './fernet.js';
import { openingOf, ReceiptMaker } from './receipt.js';

const RUN = '019b7600-0000-7000-8000-00000000000a' as RunId;
const OTHER_RUN = '019b7600-0000-7000-8000-00000000000b' as RunId;
const AGENT = '019b7600-0000-7000-8000-000000000001' as AgentId;
const OTHER_AGENT = '019b7600-0000-7000-8000-000000000002' as AgentId;

describe('ReceiptMaker', () => {
  const key = makeFernetKey();
  const maker = new ReceiptMaker(key);

  it('knows its own runs again after a restart', () => {
    expect(new ReceiptMaker(key).make(RUN, AGENT)).toBe(maker.make(RUN, AGENT));
    expect(maker.make(RUN, AGENT)).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('is another one for another run, another agent and another installation', () => {
    const receipts = [
      maker.make(RUN, AGENT),
      maker.make(OTHER_RUN, AGENT),
      maker.make(RUN, OTHER_AGENT),
      new ReceiptMaker(makeFernetKey()).make(RUN, AGENT),
    ];
    expect(new Set(receipts).size).toBe(4);
  });

  it('knows its receipts, and takes no other text for one', () => {
    expect(maker.isReceipt(maker.make(RUN, AGENT), RUN, AGENT)).toBe(true);
    expect(maker.isReceipt(maker.make(RUN, OTHER_AGENT), RUN, AGENT)).toBe(false);
    expect(maker.isReceipt('', RUN, AGENT)).toBe(false);
    expect(maker.isReceipt('é'.repeat(43), RUN, AGENT)).toBe(false);
  });

  it('proves what an agent was told of the store, to that agent and for that count', () => {
    const proof = maker.proveStoreSeq(7, AGENT, 'opening-1');
    expect(maker.isStoreProof(proof, 7, AGENT)).toBe(true);
    expect(openingOf(proof)).toBe('opening-1');
    expect(maker.isStoreProof(proof, 8, AGENT)).toBe(false);
    expect(maker.isStoreProof(proof.replace('opening-1', 'opening-2'), 7, AGENT)).toBe(false);
    expect(maker.isStoreProof(proof, 7, OTHER_AGENT)).toBe(false);
    expect(new ReceiptMaker(makeFernetKey()).isStoreProof(proof, 7, AGENT)).toBe(false);
  });

  it('stays the same from version to version', () => {
    const fixed = new ReceiptMaker('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=');
    expect(fixed.make(RUN, AGENT)).toBe('uNRen4vFqM_x81msmKzPvdMB0yrfNd8kDy5TiLraJ24');
  });
});
