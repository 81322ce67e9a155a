import type { Frame } from '@scriptmesh/crypto';
import { SHORT_SECONDS, type Metrics } from '@scriptmesh/metrics';
import type { Clock } from '@scriptmesh/runtime';
import type { SendVerdict } from '../agent-link.js';

/** What both sides of a transport count. */
export class LinkMetrics {
  readonly #frames;
  readonly #sends;
  readonly #durations;

  constructor(
    private readonly transport: string,
    metrics: Metrics,
    private readonly clock: Clock,
  ) {
    this.#frames = metrics.counter({
      name: 'scriptmesh_transport_frames_total',
      help: 'Frames that were sent and received.',
      labels: ['transport', 'direction'],
    });
    this.#sends = metrics.counter({
      name: 'scriptmesh_transport_sends_total',
      help: 'Sends by what became of them; one without frames is a poll.',
      labels: ['transport', 'verdict'],
    });
    this.#durations = metrics.histogram({
      name: 'scriptmesh_transport_send_duration_seconds',
      help: 'Time from a send to the answer of the other side, or to its failure.',
      labels: ['transport'],
      buckets: SHORT_SECONDS,
    });
  }

  async noteSend(frames: readonly Frame[], send: () => Promise<SendVerdict>): Promise<SendVerdict> {
    const { transport, clock } = this;
    const begunMs = clock.monotonicMs();
    const verdict = await send();
    this.#durations.observe((clock.monotonicMs() - begunMs) / 1000, { transport });
    this.#sends.add({ transport, verdict });
    this.#noteFrames('sent', frames);
    return verdict;
  }

  async noteReceived(frames: readonly Frame[], handle: () => Promise<readonly Frame[]>): Promise<readonly Frame[]> {
    this.#noteFrames('received', frames);
    const answers = await handle();
    this.#noteFrames('sent', answers);
    return answers;
  }

  #noteFrames(direction: string, { length }: readonly Frame[]): void {
    if (length > 0) this.#frames.add({ transport: this.transport, direction }, length);
  }
}
