import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFromAgent, type AgentId, type FromAgentHeader } from '@scriptmesh/contracts';
import { FrameSealer } from '@scriptmesh/crypto';
import { MovedClock } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runIdOf } from '../../test-support/agent-home.js';
import { openTestJournal } from '../../test-support/open-test-journal.js';
import { MessageSeal } from './message-seal.js';
import { OrchestratorTime } from './orchestrator-time.js';

const KEY = 'an-agent-key-for-tests-of-32-characters';
const AGENT = runIdOf(9) as string as AgentId;
const OTHER_ID = runIdOf(8) as string as AgentId;
const proofOf = (seq: number): string => String(seq).padStart(43, 'p');

describe('what frames tell of the store', () => {
  let home: string;
  let seal: MessageSeal;
  const orchestrator = new FrameSealer(KEY);

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'scriptmesh-seal-'));
    seal = new MessageSeal(KEY, await openTestJournal(home), new OrchestratorTime(new MovedClock()));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const hear = (storeSeq: number, more: object = {}): void => {
    const envelope = { v: 1, agentId: AGENT, keyId: orchestrator.keyId, journalId: null, now: 5, storeSeq };
    const frame = { ...envelope, storeProof: proofOf(storeSeq), kind: 'manifestWanted', ...more };
    seal.open(orchestrator.seal('to-agent', frame));
  };
  const say = (agentId = AGENT): FromAgentHeader => {
    const frame = seal.seal(agentId, { message: { kind: 'manifest', manifestSha: null } });
    return parseFromAgent(orchestrator.open('from-agent', frame).header);
  };

  it('gives back the highest count that it was told, with its proof', () => {
    expect(say()).toMatchObject({ heardSeq: 0, heardProof: undefined });
    hear(7);
    hear(3);
    expect(say()).toMatchObject({ heardSeq: 7, heardProof: proofOf(7) });
  });

  it('gives back nothing of an earlier registration, or that came without a proof', () => {
    hear(7);
    hear(50, { storeProof: undefined });
    expect(say()).toMatchObject({ heardSeq: 7 });
    expect(say(OTHER_ID)).toMatchObject({ heardSeq: 0 });
    hear(2, { agentId: OTHER_ID });
    expect(say(OTHER_ID)).toMatchObject({ heardSeq: 2, heardProof: proofOf(2) });
  });
});
