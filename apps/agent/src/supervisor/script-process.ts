import { spawn, type ChildProcess } from 'node:child_process';
import { uptime } from 'node:os';
import type { MonotonicClock, Timer } from './clock.js';
import { failpoint } from './failpoint.js';
import type { OutputPipes } from './output-pipes.js';
import { findUnnamedSignal } from './last-signal.js';
import { hasEndedUnseen, isAlive, type ProcessIdentity } from './process-identity.js';
import { ProcessTree } from './process-tree.js';
import type { KillReason, RunLimits, StartOrder } from './words.js';

/** How long a process in the background may hold the pipes after the script has ended. */
const PIPE_GRACE_MS = 2_000;
/** Between looks whether what was killed is gone. */
const LOOK_AGAIN_MS = 50;
/** Between looks whether an orphan has ended: nobody tells of that but its parent. */
const LOOK_AT_ORPHAN_MS = 250;
/** Far below what a timer can take (24.8 days, beyond which it fires at once). */
const LONGEST_TIMER_MS = 86_400_000;
/** Linux counts 100 ticks a second towards programs, whatever the kernel's own rate is. */
const MS_PER_TICK = 10;

/** What the system said of the end: exactly one of both is set. null: it was said to a parent that is gone. */
type Exit = { readonly code: number | null; readonly signal: string | null } | null;

/** One script's process: its exit, its time limit, its way to be killed. Knows nothing of files and records. */
export class ScriptProcess {
  readonly exited: Promise<Exit>;
  readonly #tree: ProcessTree;
  #killedBy: KillReason | null = null;
  #killedUntilMs: number | null = null;
  #unnamedSignal: string | null = null;
  #hasExited = false;
  #timeLimit: Timer | undefined;
  #killGrace: Timer | undefined;

  private constructor(
    readonly pid: number,
    readonly startedMs: number,
    exited: Promise<Exit>,
    private readonly limits: RunLimits,
    private readonly clock: MonotonicClock,
  ) {
    this.#tree = new ProcessTree(pid, `SM_RUN_ID=${limits.runId}`);
    this.exited = exited.then((exit) => {
      this.#hasExited = true;
      this.#timeLimit?.stop();
      const isDoubtful = exit?.code === 0 && this.#unnamedSignal !== null;
      return isDoubtful ? { code: null, signal: this.#unnamedSignal } : exit;
    });
    this.#limitTime();
  }

  /** Starts the order's program as the leader of its own session. @throws the system's error */
  static async start(
    order: StartOrder,
    pipes: OutputPipes,
    clock: MonotonicClock,
    onSpawned: (pid: number) => void,
  ): Promise<ScriptProcess> {
    const child = spawnScript(order, pipes);
    const pid = child.pid;
    if (pid === undefined) {
      const error = await new Promise<unknown>((resolve) => child.once('error', resolve));
      pipes.letGo();
      throw error;
    }
    // Later errors are those of signals, which are sent past this object.
    child.on('error', () => undefined);
    onSpawned(pid);
    const exited = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    return new ScriptProcess(pid, clock.monotonicMs(), exited, order, clock);
  }

  /** Takes over the script of a parent that is gone; its time counts from its real start. */
  static adopt(identity: ProcessIdentity, limits: RunLimits, clock: MonotonicClock): ScriptProcess {
    const ageMs = Math.max(0, uptime() * 1000 - (identity.startTicks ?? Infinity) * MS_PER_TICK);
    return new ScriptProcess(identity.pid, clock.monotonicMs() - ageMs, endOfOrphan(identity, clock), limits, clock);
  }

  /** The first reason, if it came before the end. */
  get killedBy(): KillReason | null {
    return this.#killedBy;
  }

  /** Both pipes are at their ends, in this very turn of the event loop: mostly because the script is just ending. */
  notePipesEnded(): void {
    if (!this.#hasExited) this.#unnamedSignal = findUnnamedSignal(this.pid);
  }

  /** TERM to all of the script's processes, after the grace KILL. null: we are ended, which is no reason of the run's. */
  kill(why: KillReason | null): void {
    if (this.#hasExited || hasEndedUnseen(this.pid)) return;
    this.#killedBy ??= why;
    if (this.#killedUntilMs !== null) return;
    this.#killedUntilMs = this.clock.monotonicMs() + this.limits.killGraceMs;
    failpoint('supervisor.before-term');
    this.#tree.signal('SIGTERM');
    // A process that was stopped would otherwise see the TERM only after the KILL.
    this.#tree.signal('SIGCONT');
    failpoint('supervisor.term-sent');
    this.#killGrace = this.clock.after(this.limits.killGraceMs, () => this.#tree.signal('SIGKILL'));
  }

  /** Resolves when `drained` does, or when the script has ended and whoever holds its pipes had two seconds more. */
  async waitForPipes(drained: Promise<unknown>, letGo: () => void): Promise<void> {
    const grace = this.clock.after(PIPE_GRACE_MS, letGo);
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
    // The intent of a run that cannot be read any more has no limit on record.
    if (this.limits.timeoutMs <= 0) return;
    const leftMs = this.startedMs + this.limits.timeoutMs - this.clock.monotonicMs();
    if (leftMs <= 0) this.kill('timed_out');
    else this.#timeLimit = this.clock.after(Math.min(leftMs, LONGEST_TIMER_MS), () => this.#limitTime());
  }
}

function spawnScript(order: StartOrder, pipes: OutputPipes): ChildProcess {
  const [program, ...args] = order.argv;
  let child: ChildProcess | null = null;
  try {
    child = spawn(program as string, args, {
      cwd: order.cwd,
      env: { ...order.env },
      shell: false,
      detached: process.platform !== 'win32',
      stdio: ['ignore', pipes.stdio.stdout, pipes.stdio.stderr],
      windowsHide: true,
    });
    return child;
  } finally {
    pipes.handOver(child);
  }
}

async function endOfOrphan(identity: ProcessIdentity, clock: MonotonicClock): Promise<null> {
  while (isAlive(identity)) await new Promise<void>((resolve) => clock.after(LOOK_AT_ORPHAN_MS, resolve));
  return null;
}
