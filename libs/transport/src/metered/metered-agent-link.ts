import type { AgentId } from '@scriptmesh/contracts';
import type { Frame } from '@scriptmesh/crypto';
import type { Metrics } from '@scriptmesh/metrics';
import type { Clock } from '@scriptmesh/runtime';
import {
  AgentLink,
  type AgentAddress,
  type AgentPlace,
  type AgentPresence,
  type FramesFromAgent,
  type Reach,
  type SendVerdict,
} from '../agent-link.js';
import { LinkMetrics } from './link-metrics.js';

/** Of all transports of one program: they share one gauge. */
const OPEN_WAYS = new WeakMap<Metrics, Map<string, ReadonlySet<AgentId>>>();

/** A transport that counts what goes through it. */
export class MeteredAgentLink extends AgentLink {
  readonly #present = new Set<AgentId>();
  readonly #counts: LinkMetrics;

  constructor(
    private readonly link: AgentLink,
    transport: string,
    metrics: Metrics,
    clock: Clock,
  ) {
    super();
    this.#counts = new LinkMetrics(transport, metrics, clock);
    const ofAll = OPEN_WAYS.get(metrics) ?? new Map<string, ReadonlySet<AgentId>>();
    OPEN_WAYS.set(metrics, ofAll.set(transport, this.#present));
    metrics.gauge(
      {
        name: 'scriptmesh_transport_open_ways',
        help: 'Agents that hold a way of this transport open, or answered on it last.',
        labels: ['transport'],
      },
      () => [...ofAll].map(([name, agents]) => [agents.size, { transport: name }] as const),
    );
  }

  override reach(agent: AgentPlace): Reach {
    return this.link.reach(agent);
  }

  override send(agent: AgentAddress, frames: readonly Frame[]): Promise<SendVerdict> {
    return this.#counts.noteSend(frames, () => this.link.send(agent, frames));
  }

  override onFrames(handler: FramesFromAgent): void {
    this.link.onFrames((from, frames) => this.#counts.noteReceived(frames, () => handler(from, frames)));
  }

  override onPresence(handler: AgentPresence): void {
    this.link.onPresence((agent, isPresent) => {
      if (isPresent) this.#present.add(agent);
      else this.#present.delete(agent);
      handler(agent, isPresent);
    });
  }

  override close(): Promise<void> {
    return this.link.close();
  }
}
