import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { KillReason, RunId, Stream } from '@scriptmesh/contracts';
import type { Logger } from '@scriptmesh/logging';
import type { Clock } from '@scriptmesh/runtime';
import { PlainPipes, RunHost } from '../../../supervisor/index.js';
import type { EndRecord } from '../../journal/index.js';
import { ScriptStarter, type ResumeAnswer, type RunLimits, type StartOrder } from './script-starter.js';

/**
 * The agent itself is the parent of the scripts: for Windows and systems without /proc, where nobody could find a
 * script again whose parent has died. They end with the agent; their ends are not seen when it is killed.
 */
export class ChildProcessStarter extends ScriptStarter {
  readonly #host: RunHost;
  readonly #outputListeners: ((runId: RunId, stream: Stream, length: number) => void)[] = [];
  readonly #endListeners: ((runId: RunId, end: EndRecord) => void)[] = [];

  constructor(clock: Clock, log: Logger) {
    super();
    this.#host = new RunHost(clock, new PlainPipes(), log);
    this.#host.onOutput = (runId, stream, length) =>
      this.#outputListeners.forEach((listener) => listener(runId as RunId, stream, length));
    this.#host.onEnd = (runId, end) => this.#endListeners.forEach((listener) => listener(runId as RunId, end));
  }

  override begin(): void {}

  override start(order: StartOrder): Promise<void> {
    return this.#host.start(order);
  }

  /** A process that may be left is not taken over: nobody would read its pipes. */
  override async resume({ runId, folder }: RunLimits): Promise<ResumeAnswer> {
    if (this.#host.isRunning(runId)) return { kind: 'running' };
    const started = await access(join(folder, 'pid')).then(
      () => true,
      () => false,
    );
    // Whether the node was restarted meanwhile is not looked into: where this starter works there may be no way to tell.
    return { kind: 'gone', started, isOfThisBoot: true };
  }

  override kill(runId: RunId, why: KillReason): void {
    this.#host.kill(runId, why);
  }

  override isRunning(runId: RunId): boolean {
    return this.#host.isRunning(runId);
  }

  override onOutput(listener: (runId: RunId, stream: Stream, length: number) => void): void {
    this.#outputListeners.push(listener);
  }

  override onEnd(listener: (runId: RunId, end: EndRecord) => void): void {
    this.#endListeners.push(listener);
  }

  /** Never: it ends together with what it would lose sight of. */
  override onOutOfSight(): void {}

  override close(): Promise<void> {
    return this.#host.stop();
  }
}
