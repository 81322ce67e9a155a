import type { Of, ToAgentHeader } from '@scriptmesh/contracts';
import type { Outgoing } from '../../link/index.js';
import type { RunnableScript } from '../../manifest/index.js';
import type { AgentParts } from './agent-parts.js';

/** An offer on its way through the steps; each fills in what the later ones need. */
export interface Offer {
  readonly header: Of<ToAgentHeader, 'offer'>;
  script?: RunnableScript;
  /** The script's whole environment. */
  env?: Readonly<Record<string, string>>;
  /** The smaller of the manifest's limit and the run's. */
  timeoutMs?: number;
  /** The run's folder, once its intent is on record. */
  folder?: string;
}

/** Answers the offer, or leaves it to the next step. */
export type OfferStep = (offer: Offer, parts: AgentParts) => Promise<readonly Outgoing[] | undefined>;
