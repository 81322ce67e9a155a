import type { Frame } from '@scriptmesh/crypto';
import type { Metrics } from '@scriptmesh/metrics';
import type { Clock } from '@scriptmesh/runtime';
import type { SendVerdict } from '../agent-link.js';
import { OrchestratorLink, type FramesFromOrchestrator, type OwnIdentity } from '../orchestrator-link.js';
import { LinkMetrics } from './link-metrics.js';

/** The agent's side of a transport that counts what goes through it. */
export class MeteredOrchestratorLink extends OrchestratorLink {
  readonly #counts: LinkMetrics;
  #isPresent = false;

  constructor(
    private readonly link: OrchestratorLink,
    transport: string,
    metrics: Metrics,
    clock: Clock,
  ) {
    super();
    this.#counts = new LinkMetrics(transport, metrics, clock);
    metrics.gauge(
      { name: 'scriptmesh_agent_orchestrator_reachable', help: '1 while the orchestrator answers, else 0.' },
      () => [[Number(this.#isPresent)]],
    );
  }

  override send(as: OwnIdentity, frames: readonly Frame[]): Promise<SendVerdict> {
    return this.#counts.noteSend(frames, () => this.link.send(as, frames));
  }

  override onFrames(handler: FramesFromOrchestrator): void {
    this.link.onFrames((agentId, frames) => this.#counts.noteReceived(frames, () => handler(agentId, frames)));
  }

  override onPresence(handler: (present: boolean) => void): void {
    this.link.onPresence((isPresent) => {
      this.#isPresent = isPresent;
      handler(isPresent);
    });
  }

  override onForgotten(handler: () => void): void {
    this.link.onForgotten(handler);
  }

  override close(): Promise<void> {
    return this.link.close();
  }
}
