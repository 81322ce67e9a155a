import { existsSync } from 'node:fs';
import type { MonotonicClock } from './clock.js';
import { EndKeeper } from './end-keeper.js';
import type { EventLog } from './event-log.js';
import { failpoint } from './failpoint.js';
import { refuseChangedFile } from './file-version.js';
import { findProcess } from './find-process.js';
import type { OutputPipes, PipeSource } from './output-pipes.js';
import { identifyProcess, isOfThisBoot, writePidRecord, type ProcessIdentity } from './process-identity.js';
import { RunOutput } from './run-output.js';
import { ScriptProcess } from './script-process.js';
import { explainSpawnFailure } from './spawn-failure.js';
import {
  STREAMS,
  type EndRecord,
  type KillReason,
  type PerStream,
  type RunLimits,
  type StartOrder,
  type Stream,
} from './words.js';

/** A run from the call of start() or resume() to the end on record. */
interface RunInHand {
  process: ScriptProcess | null;
  /** A kill that came before there was a process. */
  killWanted: { readonly why: KillReason | null } | null;
  ended: Promise<void>;
  output: RunOutput | null;
  /** Whether a process of it lives is being looked into. */
  resumed: Promise<Resumed> | null;
}

/** What is known of a run that somebody asks to go on with. `gone`: no process of it lives, and none will ever be started. */
export type Resumed =
  | { readonly kind: 'running'; readonly lengths: PerStream<number> }
  | { readonly kind: 'gone'; readonly started: boolean; readonly isOfThisBoot: boolean };

/** A second start of a run was asked for. Nothing was started. */
export class StartedBefore extends Error {}

/**
 * The parent of scripts: starts each at most once, drains its output, holds it within its limits and records its end.
 * Longer than most, because the life of a run reads better whole.
 */
export class RunHost {
  readonly #runs = new Map<string, RunInHand>();
  /** Runs that were called gone: a start that was on its way meanwhile comes too late. */
  readonly #gone = new Set<string>();
  #isStopping = false;
  readonly #ends: EndKeeper;
  onOutput: (runId: string, stream: Stream, length: number) => void = () => undefined;
  onEnd: (runId: string, end: EndRecord) => void = () => undefined;

  constructor(
    private readonly clock: MonotonicClock,
    private readonly pipes: PipeSource,
    private readonly log: EventLog,
  ) {
    this.#ends = new EndKeeper(clock, log);
  }

  get runIds(): readonly string[] {
    return [...this.#runs.keys()];
  }

  isRunning(runId: string): boolean {
    return this.#runs.has(runId);
  }

  /**
   * Resolves when the script runs, or when it is on record that it does not.
   * @throws StartedBefore
   */
  async start(order: StartOrder): Promise<void> {
    const { runId } = order;
    if (this.#runs.has(runId) || this.#gone.has(runId)) throw startedBefore(runId);
    failpoint('supervisor.start-received');
    const run = this.#takeInHand(runId);
    try {
      if (hasRecord(order.folder, 'pid', 'end')) throw startedBefore(runId);
      await this.#begin(order, run);
    } catch (error) {
      this.#runs.delete(runId);
      throw error;
    }
  }

  /** Goes on with a run that was started by somebody who is gone: drains, limits and ends it. Its end is `lost`. */
  async resume(limits: RunLimits): Promise<Resumed> {
    const known = this.#runs.get(limits.runId);
    // Whoever asks while it is being looked into gets the same answer.
    if (known) return known.resumed ?? running(known);
    const run = this.#takeInHand(limits.runId);
    run.resumed = this.#lookFor(limits, run);
    try {
      return await run.resumed;
    } finally {
      run.resumed = null;
    }
  }

  async #lookFor(limits: RunLimits, run: RunInHand): Promise<Resumed> {
    const { runId, folder } = limits;
    try {
      if (hasRecord(folder, 'end')) return this.#letGo(runId, true, true);
      const found = await findProcess(runId, folder);
      if (!found) return this.#letGo(runId, false, true);
      if (!found.isAlive) return this.#letGo(runId, true, isOfThisBoot(found.identity));
      this.#adopt(limits, run, found.identity);
      if (!found.isRecorded) this.#recordPid(limits, found.identity);
      failpoint('supervisor.adopted');
      return running(run);
    } catch (error) {
      this.#runs.delete(runId);
      throw error;
    }
  }

  /** TERM, grace, KILL; nothing happens when the run has ended already. The first reason stays. */
  kill(runId: string, why: KillReason): void {
    const run = this.#runs.get(runId);
    if (run) kill(run, why);
  }

  /** Ends all scripts and resolves when their ends are on record. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    while (this.#runs.size > 0) {
      const runs = [...this.#runs.values()];
      for (const run of runs) kill(run, null);
      await Promise.all(runs.map((run) => run.ended));
      // Runs that are just being begun have no end to wait for yet.
      if (this.#runs.size > 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #takeInHand(runId: string): RunInHand {
    const run: RunInHand = { process: null, killWanted: null, ended: Promise.resolve(), output: null, resumed: null };
    this.#runs.set(runId, run);
    return run;
  }

  #letGo(runId: string, started: boolean, isOfThisBoot: boolean): Resumed {
    this.#runs.delete(runId);
    this.#gone.add(runId);
    return { kind: 'gone', started, isOfThisBoot };
  }

  async #begin(order: StartOrder, run: RunInHand): Promise<void> {
    let pipes: OutputPipes | undefined;
    try {
      if (this.#isStopping) throw new Error('the supervisor is ending');
      pipes = await this.pipes.make(order.folder);
      run.output = RunOutput.create(order, this.clock);
      const record = (pid: number): void => this.#recordPid(order, identifyProcess(pid));
      failpoint('supervisor.before-spawn');
      refuseChangedFile(order);
      run.process = await ScriptProcess.start(order, pipes, this.clock, record);
    } catch (error) {
      pipes?.handOver(null);
      pipes?.letGo();
      if (pipes) this.#removePipes(order.runId, pipes);
      await run.output?.close();
      await this.#end(order, spawnFailed(order, error, run.output !== null));
      return;
    }
    this.#follow(order, run, pipes);
  }

  #adopt(limits: RunLimits, run: RunInHand, identity: ProcessIdentity): void {
    const pipes = this.pipes.reopen(limits.folder);
    try {
      run.output = RunOutput.continue(limits, this.clock, this.log);
    } catch (error) {
      pipes.letGo();
      throw error;
    }
    run.process = ScriptProcess.adopt(identity, limits, this.clock);
    this.log.warn('run.adopted', { runId: limits.runId, pid: identity.pid });
    this.#follow(limits, run, pipes);
  }

  #recordPid({ runId, folder }: RunLimits, identity: ProcessIdentity): void {
    try {
      failpoint('supervisor.spawned');
      writePidRecord(folder, identity);
      failpoint('supervisor.pid-recorded');
    } catch (error) {
      this.log.error('run.pid-not-recorded', { runId, error });
    }
  }

  #follow(limits: RunLimits, run: RunInHand, pipes: OutputPipes): void {
    const { process, output, killWanted } = run as RunInHand & { process: ScriptProcess; output: RunOutput };
    if (killWanted) process.kill(killWanted.why);
    const open = new Set<Stream>(STREAMS);
    pipes.onEndOfFile = (stream) => {
      open.delete(stream);
      if (open.size === 0) process.notePipesEnded();
    };
    const drained = output.drain(pipes, (stream, length) => {
      this.#tell(limits.runId, () => {
        failpoint('supervisor.output-kept');
        this.onOutput(limits.runId, stream, length);
      });
    });
    run.ended = this.#awaitEnd(limits, process, output, pipes, drained);
  }

  async #awaitEnd(
    limits: RunLimits,
    process: ScriptProcess,
    output: RunOutput,
    pipes: OutputPipes,
    drained: Promise<unknown>,
  ): Promise<void> {
    const exit = await process.exited;
    failpoint('supervisor.exit-seen');
    const durationMs = Math.round(this.clock.monotonicMs() - process.startedMs);
    await process.waitForPipes(drained, () => pipes.letGo());
    await process.waitForTree();
    this.#removePipes(limits.runId, pipes);
    const kept = await output.sum();
    const durable = output.close().catch(() => undefined);
    if (exit === null) return this.#end(limits, LOST, durable);
    const code = exit.signal === null ? exit.code : null;
    const { killedBy } = process;
    await this.#end(limits, { kind: 'exit', code, signal: exit.signal, killedBy, ...kept, durationMs }, durable);
  }

  /** Resolves when the end is durable, or when it cannot be put on record and all is stopped. */
  async #end(limits: RunLimits, end: EndRecord, output = Promise.resolve()): Promise<void> {
    const { runId } = limits;
    await this.#ends.keep(limits, end, {
      output,
      isStopping: () => this.#isStopping,
      tell: (told) => {
        this.#runs.delete(runId);
        this.#tell(runId, () => this.onEnd(runId, told));
        failpoint('supervisor.end-told');
      },
    });
    this.#runs.delete(runId);
  }

  /** A disk that fails leaves them to the settlement of the run, which empties its folder; the end comes first. */
  #removePipes(runId: string, pipes: OutputPipes): void {
    try {
      pipes.remove();
    } catch (error) {
      this.log.warn('run.pipes-not-removed', { runId, error });
    }
  }

  /** A listener's fault must not reach the pipe of a script. */
  #tell(runId: string, listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.log.error('run.listener-failed', { runId, error });
    }
  }
}

const LOST: EndRecord = {
  kind: 'lost',
  started: true,
  cause: 'supervisor-ended',
  why: 'the supervisor ended while the script ran, so nobody saw how the script ended',
};

function kill(run: RunInHand, why: KillReason | null): void {
  if (run.process) run.process.kill(why);
  else run.killWanted ??= { why };
}

/** Before there is a process nothing is kept. */
const running = ({ output }: RunInHand): Resumed => ({
  kind: 'running',
  lengths: output?.lengths ?? { stdout: 0, stderr: 0 },
});

function spawnFailed(order: StartOrder, error: unknown, hadOutputs: boolean): EndRecord {
  const why = hadOutputs
    ? explainSpawnFailure(order, error)
    : `the run could not be prepared: ${(error as Error).message}`;
  return { kind: 'spawnFailed', code: 'run/start-failed', why: why.slice(0, 1000) };
}

/** The last defence of at-most-once: a folder that knows of a start is never started from again. */
const hasRecord = (folder: string, ...names: readonly string[]): boolean =>
  names.some((name) => existsSync(`${folder}/${name}`));

const startedBefore = (runId: string): StartedBefore =>
  new StartedBefore(`run ${runId} was handed over for a start a second time`);
