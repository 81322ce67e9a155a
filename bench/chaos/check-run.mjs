/** What must hold of one run that has ended; each rule answers with what is wrong, if anything. */
import { faultsOf, isLossAllowed } from './allowed-losses.mjs';
import { SCRIPTS } from './scripts.mjs';

const ARROWS = {
  accepted: ['queued'],
  queued: ['dispatched', 'cancelled', 'expired'],
  dispatched: ['running', 'queued', 'rejected', 'cancelled', 'expired', 'lost'],
  running: ['succeeded', 'failed', 'timed_out', 'cancelled', 'lost', 'rejected'],
};
const SPAWNS = { no: [0, 0], yes: [1, 1], unknown: [0, 1] };

/**
 * @typedef {{ run: any, transitions: { from: string | null, to: string, cause: string | null }[], stdout: string, stderr: string }} Ended
 * @typedef {{ asked: { script: string, cancelled: boolean }, ended: Ended, spawns: number,
 *   faults: import('./allowed-losses.mjs').Fault[] }} Case
 * @type {Record<string, (it: Case) => string | false>} by the name of the violation
 */
const RULES = {
  'spawned twice': ({ spawns }) => spawns > 1 && `${spawns} spawns`,
  'executed does not say what happened': ({ ended: { run }, spawns }) => {
    const [least, most] = wasKilledAtOnce(run) ? [0, 1] : (/** @type {any} */ (SPAWNS)[run.executed] ?? [1, 0]);
    return (spawns < least || spawns > most) && `executed ${run.executed}, ${spawns} spawns`;
  },
  'illegal transitions': ({ ended: { run, transitions } }) =>
    !isLegal(transitions, run.state) && JSON.stringify(transitions),
  'a state that the script cannot have': ({ asked, ended: { run }, faults }) => {
    const [state, exitCode] = /** @type {any} */ (SCRIPTS[asked.script]).ends;
    if (run.state === state) return run.exitCode !== exitCode && `${state} with exit code ${run.exitCode}`;
    if (run.state === 'cancelled') return !asked.cancelled && 'cancelled by nobody';
    if (run.state === 'rejected') return !isRefusalAllowed(run, faults) && `rejected: ${run.reason}`;
    return (
      !['expired', 'lost'].includes(run.state) && `${run.state} with exit code ${run.exitCode}, signal ${run.signal}`
    );
  },
  'executed does not fit the state': ({ ended: { run } }) => {
    const isFit = { lost: run.executed !== 'no', rejected: run.executed === 'no', expired: run.executed === 'no' }[
      run.state
    ];
    const isStarted = run.state === 'cancelled' || run.executed === 'yes';
    return !(isFit ?? isStarted) && `${run.state} and executed ${run.executed}`;
  },
  'a loss without a cause of I9': ({ ended: { run, transitions }, faults }) => {
    const cause = transitions.at(-1)?.cause ?? null;
    return run.state === 'lost' && !isLossAllowed(cause, run, faults) && `${cause}: ${run.reason}`;
  },
  'a lost run called whole': ({ ended: { run } }) => run.state === 'lost' && !run.truncated && 'its end was not seen',
  'wrong bytes': ({ asked, ended, faults }) => {
    const found = `stdout ${ended.stdout}, stderr ${ended.stderr}, ${ended.run.state}, truncated ${ended.run.truncated}`;
    const streams = [ended.stdout, ended.stderr];
    if (streams.includes('wrong')) return found;
    return mustBeWhole(asked, ended.run, faults) && streams.some((stream) => stream !== 'whole') && found;
  },
};

/** @returns {{ violation: string, detail: string }[]} */
export function checkRun(/** @type {Case} */ it) {
  return Object.entries(RULES).flatMap(([violation, rule]) => {
    const found = rule(it);
    return found
      ? [{ violation, detail: `${it.ended.run.id} (${it.asked.script} on ${it.ended.run.agent}): ${found}` }]
      : [];
  });
}

function isLegal(transitions, state) {
  let at = 'accepted';
  for (const { from, to } of transitions) {
    if ((from ?? 'accepted') !== at || !ARROWS[at]?.includes(to)) return false;
    at = to;
  }
  return at === state;
}

/**
 * A process that was cancelled between its start and its first line: it did run, and wrote neither ledger nor output. A
 * supervisor that was held finds start and cancel side by side.
 */
const wasKilledAtOnce = ({ state, executed, signal, stdoutBytes, stderrBytes }) =>
  state === 'cancelled' && executed === 'yes' && signal !== null && stdoutBytes + stderrBytes === 0;

/** A run that its script ended by itself has all its bytes; the disk that was full may have taken some of them. */
function mustBeWhole(asked, run, faults) {
  if (run.state !== /** @type {any} */ (SCRIPTS[asked.script]).ends[0]) return false;
  return !(run.truncated && faultsOf(run, faults).some(({ kind }) => kind === 'disk-full'));
}

/** A start that could not be handed to a supervisor, or that the disk had no room for, is refused in so many words. */
const isRefusalAllowed = (run, faults) =>
  faultsOf(run, faults).some(({ kind }) =>
    ['disk-full', 'kill-supervisor', 'stop-supervisor', 'clock-skew'].includes(kind),
  );
