import type { KillReason, RunId, Stream } from '@scriptmesh/contracts';
import {
  ScriptStarter,
  type ResumeAnswer,
  type RunLimits,
  type StartOrder,
} from '../features/execution/starter/script-starter.js';
import type { EndRecord } from '../features/journal/index.js';

/** Starts nothing; the test says what the scripts do. */
export class FakeStarter extends ScriptStarter {
  readonly orders: StartOrder[] = [];
  readonly kills: { readonly runId: RunId; readonly why: KillReason }[] = [];
  readonly running = new Set<RunId>();
  startError: Error | null = null;
  /** What became of runs that are asked for; of others nothing is known. */
  readonly fates = new Map<RunId, ResumeAnswer>();
  readonly resumed: RunLimits[] = [];
  resumeError: Error | null = null;
  readonly #outOfSight: ((runId: RunId) => void)[] = [];
  #output: ((runId: RunId, stream: Stream, length: number) => void)[] = [];
  #ends: ((runId: RunId, end: EndRecord) => void)[] = [];

  override async start(order: StartOrder): Promise<void> {
    this.orders.push(order);
    if (this.startError) throw this.startError;
    this.running.add(order.runId);
  }
  override kill(runId: RunId, why: KillReason): void {
    this.kills.push({ runId, why });
  }
  override isRunning(runId: RunId): boolean {
    return this.running.has(runId);
  }
  override onOutput(listener: (runId: RunId, stream: Stream, length: number) => void): void {
    this.#output.push(listener);
  }
  override onEnd(listener: (runId: RunId, end: EndRecord) => void): void {
    this.#ends.push(listener);
  }
  override begin(): void {}
  override async resume(limits: RunLimits): Promise<ResumeAnswer> {
    this.resumed.push(limits);
    if (this.resumeError) throw this.resumeError;
    const answer = this.fates.get(limits.runId) ?? { kind: 'gone', started: false, isOfThisBoot: true };
    if (answer.kind === 'running') this.running.add(limits.runId);
    return answer;
  }
  override onOutOfSight(listener: (runId: RunId) => void): void {
    this.#outOfSight.push(listener);
  }
  override async close(): Promise<void> {
    this.running.clear();
  }

  loseSightOf(runId: RunId): void {
    this.running.delete(runId);
    for (const listener of this.#outOfSight) listener(runId);
  }

  end(runId: RunId, end: EndRecord): void {
    this.running.delete(runId);
    for (const listener of this.#ends) listener(runId, end);
  }
}
