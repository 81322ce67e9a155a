import { Injectable } from '@nestjs/common';
import { failpoint } from '@scriptmesh/failpoints';
import { Logger } from '@scriptmesh/logging';
import { AgentLinks } from '../links/index.js';
import type { Agent } from '../registry/index.js';
import { LONGEST_REPEAT_MS, RunsStore, type Run } from '../runs/index.js';
import { AgentSlots } from './agent-slots.js';
import { Claims } from './claims.js';
import { RunMessages } from './run-messages.js';

@Injectable()
export class SenderSurroundings {
  constructor(
    readonly log: Logger,
    readonly slots: AgentSlots,
  ) {}
}

/** Sends claimed runs as offers and draws the conclusion from what became of the send. */
@Injectable()
export class OfferSender {
  constructor(
    private readonly links: AgentLinks,
    private readonly messages: RunMessages,
    private readonly claims: Claims,
    private readonly store: RunsStore,
    private readonly surroundings: SenderSurroundings,
  ) {}

  /** Else its offers leave with the answer to its own messages. */
  canSend(agent: Agent): boolean {
    return this.links.reach(agent) !== 'none';
  }

  /** @returns false when it is proved that nothing arrived, or nothing is known: a pause helps then */
  async sendOffers(agent: Agent, runs: readonly Run[]): Promise<boolean> {
    failpoint('dispatch.before-send');
    const verdict = await this.#send(agent, runs);
    failpoint('dispatch.sent');
    this.surroundings.log.debug('dispatch.offered', { agentId: agent.id, runs: runs.length, verdict });
    if (verdict === 'not-sent') {
      failpoint('dispatch.before-give-back');
      await this.claims.giveBack(runs.map(({ id }) => id));
      failpoint('dispatch.given-back');
    }
    return verdict === 'sent';
  }

  /** When the next unanswered offer of the agent may be repeated, in orchestrator time; null when none waits for a time. */
  async findNextRepeat({ id, journalId }: Agent, nowMs: number): Promise<number | null> {
    const { slots } = this.surroundings;
    if (slots.isBusy(id)) return null;
    const waiting = (await this.store.listLive(id)).filter(
      (run) =>
        run.state === 'dispatched' &&
        run.journalId === journalId &&
        !run.restored &&
        !run.cancelRequested &&
        // One that is overdue is fenced, not offered.
        run.deliverByMs > Math.max(nowMs, run.nextOfferAtMs ?? 0) &&
        !slots.isHeld(id, run.script),
    );
    if (waiting.length === 0) return null;
    // Not beyond any pause: the clock may have been set back.
    return Math.min(nowMs + LONGEST_REPEAT_MS, ...waiting.map(({ nextOfferAtMs }) => nextOfferAtMs ?? 0));
  }

  async #send(agent: Agent, runs: readonly Run[]) {
    try {
      return await this.links.send(
        agent,
        runs.map((run) => this.messages.offer(run)),
      );
    } catch (error) {
      // Something failed on our side; it may have been after bytes had left.
      this.surroundings.log.error('dispatch.send-failed', { agentId: agent.id, error });
      return 'unknown';
    }
  }
}
