import { Injectable } from '@nestjs/common';
import type { Agent } from '../registry/index.js';
import type { Run } from '../runs/index.js';
import { Claims } from './claims.js';
import { DispatchStrategy } from './dispatch-strategy.js';
import { OfferSender } from './offer-sender.js';

/** Agents with a journal: offers, sent again until they are answered. */
@Injectable()
export class OfferStrategy extends DispatchStrategy {
  constructor(
    private readonly claims: Claims,
    private readonly sender: OfferSender,
  ) {
    super();
  }

  override canSend(agent: Agent): boolean {
    return this.sender.canSend(agent);
  }

  override claimNext(agent: Agent): Promise<readonly Run[]> {
    return this.claims.claimNext(agent);
  }

  override send(agent: Agent, runs: readonly Run[]): Promise<boolean> {
    return this.sender.sendOffers(agent, runs);
  }

  override findNextRepeat(agent: Agent, nowMs: number): Promise<number | null> {
    return this.sender.findNextRepeat(agent, nowMs);
  }
}
