import { isMeshError, isName, legacyDetail, type LegacyReply } from '@scriptmesh/contracts';
import type { Agent, AgentDirectory } from '../registry/index.js';

/** 0.2 knows agents by their name alone; ids are not looked at. */
export async function findByName(agents: AgentDirectory, name: string): Promise<Agent | undefined> {
  if (!isName(name)) return undefined;
  try {
    const agent = await agents.getAgent(name);
    return agent.name === name ? agent : undefined;
  } catch (error) {
    if (isMeshError(error) && error.code === 'agent/not-found') return undefined;
    throw error;
  }
}

export const INVALID_AGENT: LegacyReply = legacyDetail(400, 'Invalid agent specified');
