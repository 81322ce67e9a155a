import type { Frame } from '@scriptmesh/crypto';
import {
  AgentLink,
  type AgentAddress,
  type AgentPlace,
  type AgentPresence,
  type FramesFromAgent,
  type Reach,
  type SendVerdict,
} from './agent-link.js';

/**
 * All transports that are switched on, as one. A message goes where the agent can be reached now, so an agent may change
 * its transport at any time; which one it last registered with does not matter.
 */
export class CombinedAgentLink extends AgentLink {
  /** @param links where several reach an agent, the first of them is taken */
  constructor(private readonly links: readonly AgentLink[]) {
    super();
  }

  override reach(agent: AgentPlace): Reach {
    const reaches = this.links.map((link) => link.reach(agent));
    return (['here', 'elsewhere'] as const).find((reach) => reaches.includes(reach)) ?? 'none';
  }

  override send(agent: AgentAddress, frames: readonly Frame[]): Promise<SendVerdict> {
    const link = this.links.find((one) => one.reach(agent) === 'here');
    return link ? link.send(agent, frames) : Promise.resolve('not-sent');
  }

  override onFrames(handler: FramesFromAgent): void {
    for (const link of this.links) link.onFrames(handler);
  }

  /** Tells of each transport's ways as they open and shut: an agent that changes its transport may have two for a while. */
  override onPresence(handler: AgentPresence): void {
    for (const link of this.links) link.onPresence(handler);
  }

  override async close(): Promise<void> {
    await Promise.all(this.links.map((link) => link.close()));
  }
}
