import { ERROR_CATALOGUE, type RunResource, type RunState } from '@scriptmesh/contracts';
import { escapeLine } from '../../output/escape-controls.js';
import { reasonCode } from './run-exit-code.js';

interface Explanation {
  readonly what: string;
  readonly todo: string;
}

/**
 * What happened, why and what to do, for a run whose script did not end by itself; null when it did,
 * because its own output says what there is to say.
 */
export function explainRun(run: RunResource): string | null {
  const explanation = EXPLANATIONS[run.state](run);
  if (explanation === null) return null;
  const why = run.reason === null ? '' : `  why: ${escapeLine(run.reason)}\n`;
  const more = `  more: scriptmesh runs explain ${run.id}\n`;
  return `scriptmesh: ${explanation.what}\n${why}  do:  ${explanation.todo}\n${more}`;
}

const EXPLANATIONS: Readonly<Record<RunState, (run: RunResource) => Explanation | null>> = {
  succeeded: () => null,
  failed: (run) =>
    run.exitCode === null
      ? { what: `the script was ended by ${escapeLine(run.signal ?? 'an unknown cause')}`, todo: lookAt(run) }
      : null,
  timed_out: () => ({
    what: 'the script ran longer than its timeout and was ended',
    todo: 'Give it more time with --timeout, if the manifest allows it.',
  }),
  cancelled: (run) => ({ what: `the run was cancelled (${started(run)})`, todo: lookAt(run) }),
  rejected: (run) => ({
    what: `${escapeLine(run.agent)} refused the run; nothing was executed`,
    todo: hintOf(run) ?? lookAt(run),
  }),
  expired: ({ agent }) => ({
    what: `${escapeLine(agent)} did not take the run in time; nothing was executed`,
    todo: `Check the agent: "scriptmesh agents show ${escapeLine(agent)}"; wait longer with --deliver-within.`,
  }),
  lost: (run) => ({
    what: `what became of the run is not known (${started(run)})`,
    todo: `Check on the machine before you ask for it again. ${lookAt(run)}`,
  }),
  queued: notEnded,
  dispatched: notEnded,
  running: notEnded,
};

const lookAt = ({ id }: RunResource): string => `Look at the run: "scriptmesh runs show ${id}".`;
const started = ({ executed }: RunResource): string => `the script was started: ${executed ?? 'unknown'}`;

function hintOf({ reason }: RunResource): string | null {
  const code = reasonCode(reason);
  return code === null ? null : ERROR_CATALOGUE[code].hint;
}

function notEnded({ id, state }: RunResource): Explanation {
  return { what: `the run has not ended (${state})`, todo: `Come back to it: "scriptmesh runs output ${id}".` };
}
