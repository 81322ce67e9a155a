import { Injectable } from '@nestjs/common';
import { LEGACY_TRANSPORT } from '@scriptmesh/contracts';
import { Logger } from '@scriptmesh/logging';
import { AgentLinks } from '../links/index.js';
import { AgentNotes, type Agent } from '../registry/index.js';
import { LegacyPolls } from './legacy-polls.js';

/** One look at an agent: an empty list of frames, or the heartbeat of 0.2. */
@Injectable()
export class AgentPolls {
  constructor(
    private readonly links: AgentLinks,
    private readonly legacy: LegacyPolls,
    private readonly notes: AgentNotes,
    private readonly log: Logger,
  ) {}

  /** Never throws. @returns whether the agent answered */
  async poll(agent: Agent): Promise<boolean> {
    try {
      const result = agent.transport === LEGACY_TRANSPORT ? await this.legacy.poll(agent) : await this.#knock(agent);
      this.notes.noteChecked(agent.id, result);
      return result === 'online';
    } catch (error) {
      this.log.warn('heartbeat.poll-failed', { agentId: agent.id, error });
      return false;
    }
  }

  async #knock(agent: Agent): Promise<'online' | 'offline'> {
    return (await this.links.poll(agent)) === 'sent' ? 'online' : 'offline';
  }
}
