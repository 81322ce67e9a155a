import { Injectable } from '@nestjs/common';
import { LEGACY_TRANSPORT } from '@scriptmesh/contracts';
import type { Agent } from '../registry/index.js';
import type { DispatchStrategy } from './dispatch-strategy.js';
import { LegacyStrategy } from './legacy/legacy-strategy.js';
import { OfferStrategy } from './offer-strategy.js';

/** Which strategy serves which agent. */
@Injectable()
export class DispatchStrategies {
  constructor(
    private readonly offers: OfferStrategy,
    private readonly legacy: LegacyStrategy,
  ) {}

  of({ transport }: Agent): DispatchStrategy {
    return transport === LEGACY_TRANSPORT ? this.legacy : this.offers;
  }
}
