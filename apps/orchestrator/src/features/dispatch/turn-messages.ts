import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '@scriptmesh/runtime';
import { AgentLinks, type Outgoing } from '../links/index.js';
import type { Agent } from '../registry/index.js';
import { AgentPump } from './agent-pump.js';
import { Claims } from './claims.js';
import { Overdue } from './overdue.js';
import { RunMessages } from './run-messages.js';

@Injectable()
export class TurnSurroundings {
  constructor(
    readonly messages: RunMessages,
    readonly overdue: Overdue,
    readonly clock: Clock,
  ) {}
}

/** Gives an agent that cannot be dialled what waits for it, as the answer to its own message. */
@Injectable()
export class TurnMessages implements OnModuleInit {
  constructor(
    private readonly links: AgentLinks,
    private readonly pump: AgentPump,
    private readonly claims: Claims,
    private readonly surroundings: TurnSurroundings,
  ) {}

  onModuleInit(): void {
    this.links.onTurn((agent) => this.#collect(agent));
    this.links.onOpened((agent) => this.pump.wakeBack(agent));
  }

  async #collect(agent: Agent): Promise<readonly Outgoing[]> {
    const isReached = this.links.reach(agent) !== 'none';
    if (isReached && !this.pump.isPaused(agent.id)) return [];
    const { messages, overdue, clock } = this.surroundings;
    const claimed = await this.claims.claimNext(agent);
    const late = await overdue.listOfAgent(agent.id, clock.nowMs());
    return [...claimed.map((run) => messages.offer(run)), ...late.map((run) => messages.cancel(run))];
  }
}
