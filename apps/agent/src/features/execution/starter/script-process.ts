import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { KillReason } from '@scriptmesh/contracts';
import type { Clock, Timer } from '@scriptmesh/runtime';
import { hasEndedUnseen } from './process-identity.js';
import { ProcessTree } from './process-tree.js';
import type { StartOrder } from './script-starter.js';

/** How long a process in the background may hold the pipes after the script has ended. */
const PIPE_GRACE_MS = 2_000;
/** Between looks whether what was killed is gone. */
const LOOK_AGAIN_MS = 50;
/** Far below what a timer can take (24.8 days, beyond which it fires at once). */
const LONGEST_TIMER_MS = 86_400_000;

/** What the system said of the end: exactly one of both is set. */
interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One started process: its exit, its time limit, its way to be killed. Knows nothing of files and records. */
export class ScriptProcess {
  readonly exited: Promise<Exit>;
  readonly startedMs: number;
  readonly #tree: ProcessTree;
  #killedBy: KillReason | null = null;
  #killedUntilMs: number | null = null;
  #hasExited = false;
  #timeLimit: Timer | undefined;
  #killGrace: Timer | undefined;

  private constructor(
    private readonly child: ChildProcess,
    private readonly order: StartOrder,
    private readonly clock: Clock,
  ) {
    this.startedMs = clock.monotonicMs();
    this.#tree = new ProcessTree(this.pid, `SM_RUN_ID=${order.runId}`);
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#hasExited = true;
        this.#timeLimit?.stop();
        resolve({ code, signal });
      });
    });
    this.#limitTime();
  }

  /** Starts the order's program as the leader of its own session. @throws the system's error */
  static async start(order: StartOrder, clock: Clock, onSpawned: (pid: number) => void): Promise<ScriptProcess> {
    const [program, ...args] = order.argv;
    const child = spawn(program as string, args, {
      cwd: order.cwd,
      env: { ...order.env },
      shell: false,
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    if (child.pid === undefined) {
      const error = await new Promise<unknown>((resolve) => child.once('error', resolve));
      child.stdout?.destroy();
      child.stderr?.destroy();
      throw error;
    }
    // Later errors are those of signals, which are sent past this object.
    child.on('error', () => undefined);
    onSpawned(child.pid);
    return new ScriptProcess(child, order, clock);
  }

  get pid(): number {
    return this.child.pid as number;
  }
  get stdout(): Readable {
    return this.child.stdout as Readable;
  }
  get stderr(): Readable {
    return this.child.stderr as Readable;
  }
  /** The first reason, if it came before the end. */
  get killedBy(): KillReason | null {
    return this.#killedBy;
  }

  /** TERM to all of the script's processes, after the grace KILL. null: the agent stops, which is no reason of the run's. */
  kill(why: KillReason | null): void {
    if (this.#hasExited || hasEndedUnseen(this.pid)) return;
    this.#killedBy ??= why;
    if (this.#killedUntilMs !== null) return;
    this.#killedUntilMs = this.clock.monotonicMs() + this.order.killGraceMs;
    this.#tree.signal('SIGTERM');
    // A process that was stopped would otherwise see the TERM only after the KILL.
    this.#tree.signal('SIGCONT');
    this.#killGrace = this.clock.after(this.order.killGraceMs, () => this.#tree.signal('SIGKILL'));
  }

  /** Resolves when `drained` does, or when the script has ended and whoever holds its pipes had two seconds more. */
  async waitForPipes(drained: Promise<unknown>): Promise<void> {
    const grace = this.clock.after(PIPE_GRACE_MS, () => {
      this.stdout.destroy();
      this.stderr.destroy();
    });
    await drained;
    grace.stop();
  }

  /** After a kill: resolves when all that the script started is gone, by KILL when the grace is over. */
  async waitForTree(): Promise<void> {
    if (this.#killedUntilMs === null) return;
    while (this.clock.monotonicMs() < this.#killedUntilMs && !this.#tree.isEmpty()) {
      await new Promise<void>((resolve) => this.clock.after(LOOK_AGAIN_MS, resolve));
    }
    this.#killGrace?.stop();
    if (!this.#tree.isEmpty()) this.#tree.signal('SIGKILL');
  }

  #limitTime(): void {
    const leftMs = this.startedMs + this.order.timeoutMs - this.clock.monotonicMs();
    if (leftMs <= 0) this.kill('timed_out');
    else this.#timeLimit = this.clock.after(Math.min(leftMs, LONGEST_TIMER_MS), () => this.#limitTime());
  }
}
