import type { AgentId } from '@scriptmesh/contracts';
import { PromMetrics } from '@scriptmesh/metrics';
import { metricValue, MovedClock } from '@scriptmesh/testing';
import { expect, it } from 'vitest';
import { MemoryAgentLink } from '../memory/memory-agent-link.js';
import { MemoryMesh, type MemoryFault } from '../memory/memory-mesh.js';
import { MemoryOrchestratorLink } from '../memory/memory-orchestrator-link.js';
import { transportContract, type WayFault } from '../transport.contract.js';
import { MeteredAgentLink } from './metered-agent-link.js';
import { MeteredOrchestratorLink } from './metered-orchestrator-link.js';

const agentId = '019b7600-0000-7000-8000-000000000001' as AgentId;
const FAULTS: Record<WayFault, MemoryFault> = {
  none: 'none',
  refused: 'refuse',
  'lost-before': 'drop-before',
  'lost-after': 'drop-after',
};

function meteredPair() {
  const clock = new MovedClock();
  const mesh = new MemoryMesh(clock);
  const [orchestrator, agent] = [new PromMetrics(), new PromMetrics()];
  return {
    orchestrator,
    agent,
    agentLink: new MeteredAgentLink(new MemoryAgentLink(mesh), 'memory', orchestrator, clock),
    orchestratorLink: new MeteredOrchestratorLink(new MemoryOrchestratorLink(mesh, agentId), 'memory', agent, clock),
    address: { agentId, url: null, key: 'k' },
    identity: { agentId, key: 'k' },
    breakWay: async (way: 'to-agent' | 'to-orchestrator', fault: WayFault) => mesh.breakWay(way, FAULTS[fault]),
    forgetAgent: () => mesh.forget(agentId),
    letTimePass: () => clock.advance(31_000),
    stop: async () => {},
  };
}

transportContract('a metered transport', async () => meteredPair());

it('counts sends by their verdict, and frames both ways on both sides', async () => {
  const { agentLink, orchestratorLink, address, breakWay, orchestrator, agent } = meteredPair();
  orchestratorLink.onFrames(async () => [Buffer.from('answer')]);
  agentLink.onFrames(async () => []);
  await agentLink.send(address, [Buffer.from('a'), Buffer.from('b')]);
  await breakWay('to-agent', 'refused');
  await agentLink.send(address, [Buffer.from('c')]);
  const [here, there] = [(await orchestrator.render()).text, (await agent.render()).text];
  const sends = (verdict: string) => `scriptmesh_transport_sends_total{transport="memory",verdict="${verdict}"}`;
  const frames = (way: string) => `scriptmesh_transport_frames_total{transport="memory",direction="${way}"}`;
  expect([metricValue(here, sends('sent')), metricValue(here, sends('not-sent'))]).toEqual([1, 1]);
  expect([metricValue(here, frames('sent')), metricValue(here, frames('received'))]).toEqual([3, 1]);
  expect([metricValue(there, frames('received')), metricValue(there, frames('sent'))]).toEqual([2, 1]);
  expect(metricValue(here, 'scriptmesh_transport_send_duration_seconds_count{transport="memory"}')).toBe(2);
});
