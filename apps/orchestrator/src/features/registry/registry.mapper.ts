import type { Liveness } from '@scriptmesh/contracts';
import type { AgentDto } from '@scriptmesh/contracts/dto';
import type { Agent } from './domain/agent.js';

/** The only crossing from an agent to what the API shows of it. */
export function toAgentDto(agent: Agent, liveness: Liveness): AgentDto {
  return {
    id: agent.id,
    name: agent.name,
    url: agent.url,
    transport: agent.transport,
    labels: agent.labels,
    facts: agent.facts,
    liveness,
    registeredAt: new Date(agent.registeredAtMs).toISOString(),
    lastSeenAt: agent.lastSeenAtMs === null ? null : new Date(agent.lastSeenAtMs).toISOString(),
    freeSlots: agent.freeSlots,
  };
}
