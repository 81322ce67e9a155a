import { Injectable, type OnModuleInit } from '@nestjs/common';
import { agentPrincipal, type FromAgentHeader, type Of } from '@scriptmesh/contracts';
import { Clock } from '@scriptmesh/runtime';
import { AgentLinks, type Incoming } from '../links/index.js';
import type { Agent } from '../registry/index.js';
import { patchRun, RunWriter, unmoved, type Run } from '../runs/index.js';
import { AgentSlots } from './agent-slots.js';

type Busy = Of<FromAgentHeader, 'busy'>;

/**
 * Busy holds further offers back until a slot is free. It does not lower `inDoubt`: an earlier copy of the offer may
 * still be on its way. The run is the first to be offered again, so its turn is now, as soon as nothing is held.
 */
@Injectable()
export class BusyAnswers implements OnModuleInit {
  constructor(
    private readonly links: AgentLinks,
    private readonly slots: AgentSlots,
    private readonly writer: RunWriter,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.links.handle(['busy'], (agent, messages) => this.#receive(agent, messages as readonly Incoming<Busy>[]));
  }

  async #receive(agent: Agent, messages: readonly Incoming<Busy>[]): Promise<readonly []> {
    const refused = await this.#takeTurns(agent, messages);
    const held = this.slots.heldScripts(agent.id);
    const freeSlots = messages.at(-1)?.header.freeSlots ?? 0;
    this.slots.told(agent.id, freeSlots);
    this.slots.setBacklog(agent.id, true);
    for (const script of held) this.slots.hold(agent.id, script);
    if (freeSlots === 0) this.slots.setBusy(agent.id);
    else for (const { script } of refused) this.slots.hold(agent.id, script);
    return [];
  }

  /** @returns the runs that were refused for now */
  #takeTurns(agent: Agent, messages: readonly Incoming<Busy>[]): Promise<readonly Run[]> {
    return this.writer.write(agentPrincipal(agent.id), async (runs) => {
      await runs.read(messages.map(({ header }) => header.runId));
      const refused: Run[] = [];
      for (const { header } of messages) {
        const run = runs.find(header.runId);
        if (run?.agentId !== agent.id || run.state !== 'dispatched') continue;
        runs.apply(patchRun(unmoved(run), { nextOfferAtMs: this.clock.nowMs() }));
        refused.push(run);
      }
      return refused;
    });
  }
}
