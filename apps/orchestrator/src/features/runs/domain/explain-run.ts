import { STREAMS, type RunState, type Stream } from '@scriptmesh/contracts';
import { explainCancelled, explainExpired, explainFailed, explainSucceeded, explainTimedOut } from './explain-ended.js';
import { explainDispatched, explainQueued, explainRunning } from './explain-live.js';
import { explainLost } from './explain-lost.js';
import { explainRejected } from './explain-refused.js';
import { explainRetries } from './explain-retries.js';
import type { OutputTail } from './output-tail.js';
import type { Addition, Explainer, ExplainFacts, Explanation } from './explanation.js';
import { isEndUnseen, type Run } from './run.js';

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
  const more = [explainOutput(facts), explainRetries(facts)];
  return more.filter((one) => one !== undefined).reduce(addTo, told);
}

const addTo = (told: Explanation, { summary, rule, advice }: Addition): Explanation => ({
  summary: `${told.summary} ${summary}`,
  rule: `${told.rule} ${rule}`,
  advice: advice ?? told.advice,
});

function explainOutput(facts: ExplainFacts): Addition | undefined {
  if (facts.run.truncated) return explainTruncation(facts);
  if (!isEndUnseen(facts.run)) return undefined;
  return {
    summary: 'Its output is what had come until then; whether it is whole is not known.',
    rule: 'truncated: a lost run counts as such, since nobody saw the end of its output.',
  };
}

function explainTruncation({ run, outputMaxBytes }: ExplainFacts): Addition {
  const { droppedBytes, tails } = run;
  const how = tails === null ? 'left out' : 'written beyond its limit';
  const dropped = droppedBytes > 0 ? `${droppedBytes} bytes were ${how}` : 'some of it was lost on its way';
  return {
    summary: [`Its output is not whole: ${dropped}.`, ...explainTails(run)].join(' '),
    rule: `truncated: beyond SCRIPT_MESH_OUTPUT_MAX_BYTES of each stream (${outputMaxBytes} on the orchestrator; the agent has a limit of its own) bytes are counted, and of those that are left out the last 64 KiB are kept; bytes that the agent no longer has are missing too.`,
  };
}

const explainTails = ({ tails, outputPrunedAtMs }: Run): readonly string[] =>
  outputPrunedAtMs === null
    ? STREAMS.flatMap((stream) => (tails?.[stream] ? explainTail(stream, tails[stream]) : []))
    : [];

function explainTail(stream: Stream, { length, missing }: OutputTail): string {
  if (length === 0) return `Of ${stream} the last ${missing} bytes are missing.`;
  return missing === 0
    ? `Of ${stream} nothing is missing.`
    : `Of ${stream} ${missing} bytes are missing in the middle; its last ${length} are kept.`;
}
