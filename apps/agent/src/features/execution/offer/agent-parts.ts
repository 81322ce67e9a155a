import type { AgentSettings } from '@scriptmesh/config';
import type { Logger } from '@scriptmesh/logging';
import type { Journal, SpoolSpace } from '../../journal/index.js';
import type { OrchestratorTime, WelcomeGate } from '../../link/index.js';
import type { ManifestReader } from '../../manifest/index.js';
import type { RunSpans } from '../domain/run-spans.js';
import type { Slots } from '../domain/slots.js';
import type { LeftRuns } from '../restart/left-runs.js';
import type { ScriptStarter } from '../starter/script-starter.js';

/** What the steps of an offer, a cancel and an ask work with. A class, so that it is a token of Nest's as well. */
export abstract class AgentParts {
  abstract readonly journal: Journal;
  abstract readonly space: SpoolSpace;
  abstract readonly manifest: ManifestReader;
  abstract readonly slots: Slots;
  abstract readonly starter: ScriptStarter;
  abstract readonly leftRuns: LeftRuns;
  abstract readonly time: OrchestratorTime;
  abstract readonly gate: WelcomeGate;
  abstract readonly settings: AgentSettings;
  abstract readonly log: Logger;
  abstract readonly spans: RunSpans;
}
