import type { AgentId } from '@scriptmesh/contracts';
import { MovedClock } from '@scriptmesh/testing';
import { describe, expect, it } from 'vitest';
import { transportContract, type TransportPair, type WayFault } from '../transport.contract.js';
import { MemoryAgentLink } from './memory-agent-link.js';
import { MemoryMesh, type MemoryFault } from './memory-mesh.js';
import { MemoryOrchestratorLink } from './memory-orchestrator-link.js';

const agentId = '019b7600-0000-7000-8000-000000000001' as AgentId;
const FAULTS: Record<WayFault, MemoryFault> = {
  none: 'none',
  refused: 'refuse',
  'lost-before': 'drop-before',
  'lost-after': 'drop-after',
};

function memoryPair(): TransportPair & { mesh: MemoryMesh; clock: MovedClock } {
  const clock = new MovedClock();
  const mesh = new MemoryMesh(clock);
  const [agentLink, orchestratorLink] = [new MemoryAgentLink(mesh), new MemoryOrchestratorLink(mesh, agentId)];
  return {
    mesh,
    clock,
    agentLink,
    orchestratorLink,
    address: { agentId, url: null, key: 'k' },
    identity: { agentId, key: 'k' },
    breakWay: async (way, fault) => mesh.breakWay(way, FAULTS[fault]),
    forgetAgent: () => mesh.forget(agentId),
    letTimePass: () => clock.advance(31_000),
    stop: async () => {},
  };
}

transportContract('the memory transport', async () => memoryPair());

describe('the memory mesh', () => {
  it('delivers twice what it is told to duplicate', async () => {
    const { mesh, agentLink, orchestratorLink, address } = memoryPair();
    const seen: number[] = [];
    orchestratorLink.onFrames(async (_id, frames) => (seen.push(frames.length), []));
    mesh.breakWay('to-agent', 'duplicate');
    expect(await agentLink.send(address, [Buffer.from('offer')])).toBe('sent');
    expect(seen).toEqual([1, 1]);
  });

  it('holds back what it is told to delay until the clock has moved', async () => {
    const { mesh, clock, agentLink, orchestratorLink, address } = memoryPair();
    let arrived = 0;
    orchestratorLink.onFrames(async () => ((arrived += 1), []));
    mesh.breakWay('to-agent', { delayMs: 500 });
    const verdict = agentLink.send(address, []);
    await clock.advance(499);
    expect(arrived).toBe(0);
    await clock.advance(1);
    expect([await verdict, arrived]).toEqual(['sent', 1]);
  });

  it('works again when it is mended', async () => {
    const { mesh, agentLink, orchestratorLink, address } = memoryPair();
    orchestratorLink.onFrames(async () => []);
    mesh.breakWay('to-agent', 'drop-before');
    expect(await agentLink.send(address, [])).toBe('unknown');
    mesh.mend();
    expect(await agentLink.send(address, [])).toBe('sent');
  });
});
