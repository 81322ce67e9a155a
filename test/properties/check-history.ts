/**
 * What must hold of every history of a mesh, whoever has made it: property tests, fault runs, a soak. The checker is
 * told what really happened (spawns are counted outside of the spool) and what the orchestrator says, and compares.
 * Invariants I1-I8 and I16 hold at any moment, I9 and I12 once faults have healed.
 */

export type CheckedState =
  | 'queued'
  | 'dispatched'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'timed_out'
  | 'cancelled'
  | 'expired'
  | 'rejected'
  | 'lost';
type Executed = 'yes' | 'no' | 'unknown' | null;
type PerStream<T> = Readonly<Record<'stdout' | 'stderr', T>>;

/** What really became of a run that was asked for with a 2xx answer, as the test saw it happen. */
export interface RunTruth {
  isCancelAsked: boolean;
  spawns: number;
  readonly wrote: Record<'stdout' | 'stderr', string>;
  /** The script's own end; null while it runs, or when it never ended by itself. */
  exit: { readonly code: number | null; readonly signal: string | null } | null;
  wasKilled: boolean;
  /** What makes `lost` or missing output honest: a wiped spool, a reboot, a killed supervisor ... */
  readonly causes: Set<string>;
}

export const newTruth = (): RunTruth => ({
  isCancelAsked: false,
  spawns: 0,
  wrote: { stdout: '', stderr: '' },
  exit: null,
  wasKilled: false,
  causes: new Set(),
});

/** A run as the orchestrator shows it. */
export interface RunSeen {
  readonly id: string;
  readonly state: CheckedState;
  readonly executed: Executed;
  readonly truncated: boolean;
  readonly restored: boolean;
  readonly exitCode: number | null;
  /** Stored output; left out where it was not read this time. */
  readonly output?: PerStream<string>;
}

/** One arrow of the audit, in the order in which they were written. */
export interface ArrowSeen {
  readonly runId: string;
  readonly from: string;
  readonly to: string;
  readonly executed: Executed;
  readonly cause: string | null;
}

export class Violation extends Error {
  override readonly name = 'Violation';
  constructor(
    readonly invariant: string,
    text: string,
  ) {
    super(`${invariant} ${text}`);
  }
}

const ARROWS: Readonly<Record<string, Readonly<Record<string, readonly Executed[]>>>> = {
  queued: { dispatched: [null], cancelled: ['no'], expired: ['no'] },
  dispatched: {
    running: [null],
    queued: [null],
    rejected: ['no'],
    cancelled: ['no'],
    expired: ['no'],
    lost: ['unknown'],
  },
  running: {
    succeeded: ['yes'],
    failed: ['yes'],
    timed_out: ['yes'],
    cancelled: ['yes'],
    lost: ['yes', 'unknown'],
    rejected: ['no'],
  },
};
export const isFinal = (state: string): boolean => !(state in ARROWS);
const ENDED_BY_ITSELF: readonly CheckedState[] = ['succeeded', 'failed', 'timed_out', 'cancelled'];

/** Remembers ends that were seen, so that one which changes is noticed. One for each history. */
export class HistoryChecker {
  readonly #ends = new Map<string, RunSeen>();
  readonly #runOfKey = new Map<string, string>();

  constructor(readonly truths: Map<string, RunTruth>) {}

  /** Calls it before a spawn is counted. @throws Violation I1, I8, I16 */
  noteSpawn(runId: string, { isListed, script }: { readonly isListed: boolean; readonly script: string }): void {
    const truth = this.#truthOf(runId);
    truth.spawns += 1;
    if (truth.spawns > 1) throw new Violation('I1', `${runId} was started ${truth.spawns} times`);
    if (this.#ends.get(runId)?.executed === 'no') throw new Violation('I8', `${runId} was started after executed = no`);
    if (!isListed) throw new Violation('I16', `${runId} started ${script}, which the manifest does not list`);
  }

  /** @throws Violation I7 */
  noteAccepted(key: string, runId: string): void {
    const earlier = this.#runOfKey.get(key) ?? runId;
    this.#runOfKey.set(key, earlier);
    if (earlier !== runId) throw new Violation('I7', `key ${key} made ${earlier} and ${runId}`);
  }

  /** The store was put back from a backup: what it said since then is forgotten, and so are its keys. */
  noteRestored(): void {
    this.#ends.clear();
    this.#runOfKey.clear();
  }

  /** @throws Violation I2, I3, I5, I6 */
  check(runs: readonly RunSeen[], { isRestored = false }: { readonly isRestored?: boolean } = {}): void {
    const seen = new Set(runs.map(({ id }) => id));
    for (const id of this.truths.keys()) {
      if (!seen.has(id) && !isRestored) throw new Violation('I3', `${id} is not there any more`);
    }
    for (const run of runs) this.#checkRun(run);
  }

  /** @throws Violation I2, I4, I9, I12 @param runs as they are after the last arrow */
  checkArrows(arrows: readonly ArrowSeen[], runs: readonly RunSeen[], isRestored = false): void {
    const at = new Map<string, string>();
    const marked = new Set(runs.filter(({ restored }) => restored).map(({ id }) => id));
    for (const arrow of arrows) {
      checkArrow(arrow, at.get(arrow.runId) ?? (isRestored ? arrow.from : 'queued'));
      if (arrow.to === 'lost' && !marked.has(arrow.runId)) this.#checkLoss(arrow.runId, arrow.cause);
      at.set(arrow.runId, arrow.to);
    }
    for (const { id, state, restored } of runs) {
      const told = at.get(id) ?? 'queued';
      if (told !== state && !restored && !isRestored)
        throw new Violation('I12', `${id} is ${state}, by the audit ${told}`);
    }
  }

  /** @throws Violation I9 @param runs all of them, after faults have healed for as long as is promised */
  checkHealed(runs: readonly RunSeen[]): void {
    for (const { id, state } of runs) if (!isFinal(state)) throw new Violation('I9', `${id} is still ${state}`);
  }

  #checkRun(run: RunSeen): void {
    const truth = this.truths.get(run.id);
    if (!truth) throw new Violation('I11', `nobody asked for ${run.id}`);
    this.#checkOutput(run, truth);
    if (!isFinal(run.state)) return;
    this.#checkEnd(run);
    this.#checkExecuted(run, truth);
  }

  #checkEnd(run: RunSeen): void {
    const { state, executed, exitCode } = this.#ends.get(run.id) ?? run;
    if (state !== run.state || executed !== run.executed || exitCode !== run.exitCode)
      throw new Violation('I2', `${run.id} was ${state}/${executed}, now ${run.state}/${run.executed}`);
    this.#ends.set(run.id, run);
  }

  #checkExecuted({ id, state, executed, exitCode }: RunSeen, { spawns, exit, wasKilled, isCancelAsked }: RunTruth) {
    if (executed === 'no' && spawns > 0) throw new Violation('I6', `${id} is ${state}, not executed, but was started`);
    if (executed === 'yes' && spawns !== 1) throw new Violation('I6', `${id} is ${state}, executed, ${spawns} starts`);
    if (state === 'succeeded' && (exit?.code !== 0 || wasKilled || exitCode !== 0))
      throw new Violation('I6', `${id} succeeded without exit 0`);
    if (state === 'cancelled' && !isCancelAsked) throw new Violation('I6', `${id} is cancelled, but nobody asked`);
  }

  #checkOutput({ id, state, truncated, restored, output }: RunSeen, truth: RunTruth): void {
    if (truncated && !restored && truth.causes.size === 0) throw new Violation('I5', `${id} truncated without a cause`);
    if (!output) return;
    for (const stream of ['stdout', 'stderr'] as const) {
      if (!truth.wrote[stream].startsWith(output[stream]))
        throw new Violation('I5', `${id} ${stream} "${output[stream]}" is no prefix of "${truth.wrote[stream]}"`);
      if (ENDED_BY_ITSELF.includes(state) && truth.spawns > 0 && !truncated && output[stream] !== truth.wrote[stream])
        throw new Violation('I5', `${id} is ${state}, its ${stream} incomplete and not truncated`);
    }
  }

  /** The second half of I9. Silence has a cause of its own, which the caller has made last. */
  #checkLoss(runId: string, cause: string | null): void {
    if (cause === 'silence' || this.#truthOf(runId).causes.size > 0) return;
    throw new Violation('I9', `${runId} was lost (${cause}) without a cause`);
  }

  #truthOf(runId: string): RunTruth {
    const known = this.truths.get(runId);
    if (known) return known;
    throw new Violation('I11', `nobody asked for ${runId}`);
  }
}

function checkArrow({ runId, from, to, executed }: ArrowSeen, before: string): void {
  if (isFinal(before)) throw new Violation('I2', `${runId} was ${before}, then ${to}`);
  if (before !== from) throw new Violation('I12', `${runId} was ${before}, but its next arrow leaves ${from}`);
  if (!ARROWS[from]?.[to]?.includes(executed)) throw new Violation('I4', `${runId} ${from} -> ${to} (${executed})`);
}
