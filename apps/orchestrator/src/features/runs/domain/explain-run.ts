import type { RunState } from '@scriptmesh/contracts';
import { explainCancelled, explainExpired, explainFailed, explainSucceeded, explainTimedOut } from './explain-ended.js';
import { explainDispatched, explainQueued, explainRunning } from './explain-live.js';
import { explainLost } from './explain-lost.js';
import { explainRejected } from './explain-refused.js';
import { explainRetries } from './explain-retries.js';
import type { Addition, Explainer, ExplainFacts, Explanation } from './explanation.js';

const OF_STATE: Readonly<Record<RunState, Explainer>> = {
  queued: explainQueued,
  dispatched: explainDispatched,
  running: explainRunning,
  succeeded: explainSucceeded,
  failed: explainFailed,
  timed_out: explainTimedOut,
  cancelled: explainCancelled,
  rejected: explainRejected,
  expired: explainExpired,
  lost: explainLost,
};

/** What became of a run, by which rule of docs/specs/run-protocol.md, and what to do; of its output, too. */
export function explainRun(facts: ExplainFacts): Explanation {
  const told = OF_STATE[facts.run.state](facts);
  const more = [facts.run.truncated ? explainTruncation(facts) : undefined, explainRetries(facts)];
  return more.filter((one) => one !== undefined).reduce(addTo, told);
}

const addTo = (told: Explanation, { summary, rule, advice }: Addition): Explanation => ({
  summary: `${told.summary} ${summary}`,
  rule: `${told.rule} ${rule}`,
  advice: advice ?? told.advice,
});

function explainTruncation({ run, outputMaxBytes }: ExplainFacts): Addition {
  const dropped = run.droppedBytes > 0 ? `${run.droppedBytes} bytes were left out` : 'some of it was lost on its way';
  return {
    summary: `Its output is not whole: ${dropped}.`,
    rule: `truncated: beyond SCRIPT_MESH_OUTPUT_MAX_BYTES of each stream (${outputMaxBytes} on the orchestrator; the agent has a limit of its own) bytes are counted, not kept; bytes that the agent no longer has are missing too.`,
  };
}
