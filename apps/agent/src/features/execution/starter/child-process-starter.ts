import { access } from 'node:fs/promises';
import { join } from 'node:path';
import {
  MeshError,
  STREAMS,
  type ErrorCode,
  type KillReason,
  type PerStream,
  type RunId,
  type Stream,
} from '@scriptmesh/contracts';
import type { Logger } from '@scriptmesh/logging';
import type { Clock } from '@scriptmesh/runtime';
import type { EndRecord } from '../../journal/index.js';
import { CappedOutput } from './capped-output.js';
import { writeEndRecord } from './end-record-file.js';
import { OutputAnnouncer } from './output-announcer.js';
import { identifyProcess, writePidRecord, type ProcessIdentity } from './process-identity.js';
import { ScriptProcess } from './script-process.js';
import { ScriptStarter, type StartOrder } from './script-starter.js';
import { explainSpawnFailure } from './spawn-failure.js';

const WRITE_AGAIN_MS = 1_000;

/** A run from the call of start() to the end on record. */
interface RunInHand {
  process: ScriptProcess | null;
  /** A kill that came before there was a process. */
  killWanted: { readonly why: KillReason | null } | null;
  ended: Promise<void>;
}

type Outputs = PerStream<CappedOutput>;

/** The agent itself is the parent of the scripts: when it dies, their ends are not seen by anybody. */
export class ChildProcessStarter extends ScriptStarter {
  readonly #runs = new Map<RunId, RunInHand>();
  readonly #outputListeners: ((runId: RunId, stream: Stream, length: number) => void)[] = [];
  readonly #endListeners: ((runId: RunId, end: EndRecord) => void)[] = [];
  #isStopping = false;

  constructor(
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    super();
  }

  override async start(order: StartOrder): Promise<void> {
    if (this.#runs.has(order.runId)) throw startedBefore(order.runId);
    const run: RunInHand = { process: null, killWanted: null, ended: Promise.resolve() };
    this.#runs.set(order.runId, run);
    try {
      if (await hasRecordOfStart(order.folder)) throw startedBefore(order.runId);
      await this.#begin(order, run);
    } catch (error) {
      this.#runs.delete(order.runId);
      throw error;
    }
  }

  override kill(runId: RunId, why: KillReason): void {
    const run = this.#runs.get(runId);
    if (run) kill(run, why);
  }

  override isRunning(runId: RunId): boolean {
    return this.#runs.has(runId);
  }

  override onOutput(listener: (runId: RunId, stream: Stream, length: number) => void): void {
    this.#outputListeners.push(listener);
  }

  override onEnd(listener: (runId: RunId, end: EndRecord) => void): void {
    this.#endListeners.push(listener);
  }

  override async stop(): Promise<void> {
    this.#isStopping = true;
    while (this.#runs.size > 0) {
      const runs = [...this.#runs.values()];
      for (const run of runs) kill(run, null);
      await Promise.all(runs.map((run) => run.ended));
      // Runs that are just being begun have no end to wait for yet.
      if (this.#runs.size > 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Resolves when the script runs, or when it is on record that it does not. */
  async #begin(order: StartOrder, run: RunInHand): Promise<void> {
    let outputs: Outputs | undefined;
    let identity: ProcessIdentity | undefined;
    try {
      if (this.#isStopping) throw new Error('the agent is stopping');
      outputs = await openOutputs(order);
      run.process = await ScriptProcess.start(order, this.clock, (pid) => (identity = identifyProcess(pid)));
    } catch (error) {
      if (outputs) await closeAll(outputs);
      await this.#end(order, spawnFailed(order, error, outputs !== undefined));
      return;
    }
    if (run.killWanted) run.process.kill(run.killWanted.why);
    const pidRecorded = this.#recordPid(order, identity as ProcessIdentity);
    run.ended = this.#follow(order, run.process, outputs, pidRecorded);
    await pidRecorded;
  }

  async #recordPid(order: StartOrder, identity: ProcessIdentity): Promise<void> {
    try {
      await writePidRecord(order.folder, identity);
    } catch (error) {
      this.logger.error('script.pid-not-recorded', { runId: order.runId, error });
    }
  }

  async #follow(
    order: StartOrder,
    process: ScriptProcess,
    outputs: Outputs,
    pidRecorded: Promise<void>,
  ): Promise<void> {
    const drained = Promise.all(STREAMS.map((stream) => this.#drain(order.runId, stream, process, outputs)));
    const exit = await process.exited;
    const durationMs = Math.round(this.clock.monotonicMs() - process.startedMs);
    await process.waitForPipes(drained);
    await process.waitForTree();
    await pidRecorded;
    const [stdout, stderr] = await Promise.all([outputs.stdout.close(), outputs.stderr.close()]);
    await this.#end(order, {
      kind: 'exit',
      code: exit.signal === null ? exit.code : null,
      signal: exit.signal,
      killedBy: process.killedBy,
      lengths: { stdout: stdout.length, stderr: stderr.length },
      sha256: { stdout: stdout.sha256, stderr: stderr.sha256 },
      dropped: { stdout: stdout.dropped, stderr: stderr.dropped },
      durationMs,
    });
  }

  async #drain(runId: RunId, stream: Stream, process: ScriptProcess, outputs: Outputs): Promise<void> {
    const announcer = new OutputAnnouncer(this.clock, (length) => {
      this.#tell(runId, () => this.#outputListeners.forEach((listener) => listener(runId, stream, length)));
    });
    await outputs[stream].drain(process[stream], (length) => announcer.grown(length));
    announcer.finish();
  }

  /** Records the end, again and again while the disk refuses: a run that has ended must not become lost for want of room. */
  async #end(order: StartOrder, end: EndRecord): Promise<void> {
    while (!(await this.#tryToRecord(order, end))) {
      if (this.#isStopping) break;
      await new Promise<void>((resolve) => this.clock.after(WRITE_AGAIN_MS, resolve));
    }
  }

  async #tryToRecord(order: StartOrder, end: EndRecord): Promise<boolean> {
    try {
      await writeEndRecord(order.folder, end);
    } catch (error) {
      this.logger.error('script.end-not-recorded', { runId: order.runId, error, againInMs: WRITE_AGAIN_MS });
      if (this.#isStopping) this.#runs.delete(order.runId);
      return false;
    }
    this.#runs.delete(order.runId);
    this.#tell(order.runId, () => this.#endListeners.forEach((listener) => listener(order.runId, end)));
    return true;
  }

  /** A listener's fault must not reach the pipe of a script. */
  #tell(runId: RunId, listeners: () => void): void {
    try {
      listeners();
    } catch (error) {
      this.logger.error('script.listener-failed', { runId, error });
    }
  }
}

function kill(run: RunInHand, why: KillReason | null): void {
  if (run.process) run.process.kill(why);
  else run.killWanted ??= { why };
}

async function openOutputs(order: StartOrder): Promise<Outputs> {
  const stdout = await CappedOutput.create(join(order.folder, 'stdout'), order.outputMaxBytes);
  try {
    return { stdout, stderr: await CappedOutput.create(join(order.folder, 'stderr'), order.outputMaxBytes) };
  } catch (error) {
    await stdout.close();
    throw error;
  }
}

const closeAll = (outputs: Outputs) => Promise.all(STREAMS.map((stream) => outputs[stream].close()));

function spawnFailed(order: StartOrder, error: unknown, hadOutputs: boolean): EndRecord {
  const code: ErrorCode = 'run/start-failed';
  const why = hadOutputs
    ? explainSpawnFailure(order, error)
    : `the run could not be prepared: ${(error as Error).message}`;
  return { kind: 'spawnFailed', code, why: why.slice(0, 1000) };
}

/** The last defence of at-most-once: a folder that knows of a start is never started from again. */
async function hasRecordOfStart(folder: string): Promise<boolean> {
  const found = await Promise.allSettled(['pid', 'end'].map((record) => access(join(folder, record))));
  return found.some((result) => result.status === 'fulfilled');
}

const startedBefore = (runId: RunId): MeshError =>
  new MeshError('internal/unexpected', `run ${runId} was handed over for a start a second time`, { facts: { runId } });
