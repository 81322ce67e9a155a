import { isFinalState } from '@scriptmesh/contracts';
import { hasRetryLeft } from './automatic-retry.js';
import { askAgain, type Addition, type ExplainFacts } from './explanation.js';

const RULE =
  'retries: a run that did not succeed is tried again, by a new run after 5, 10, 20 ... 300 s, when nothing was executed or the manifest says "idempotent": true; never after a cancel, and never when it has expired.';

/** Whether and why a run that has ended is tried again; undefined when that was never asked for. */
export function explainRetries({ run }: ExplainFacts): Addition | undefined {
  const { retries, attempt, retriedBy, state } = run;
  if (retries === 0 || state === 'succeeded' || !isFinalState(state)) return undefined;
  const place = `attempt ${attempt} of ${retries + 1}`;
  if (retriedBy !== null) {
    return {
      summary: `It was ${place}; run ${retriedBy} tries it again.`,
      rule: RULE,
      advice: `Look at the next attempt: "scriptmesh runs explain ${retriedBy}".`,
    };
  }
  if (attempt > retries) return { summary: `It was ${place}, the last one.`, rule: RULE };
  if (!hasRetryLeft(run)) return { summary: `It was ${place}, and it is not tried again.`, rule: RULE };
  return {
    summary: `It was ${place}, and it is not tried again: it may have been executed, and the manifest of ${run.agentName} did not say that running it twice does no harm.`,
    rule: RULE,
    advice: `If running it twice does no harm, set "idempotent": true for it in the node's script_manifest.json; or check on the machine, then ${askAgain(run)}.`,
  };
}
