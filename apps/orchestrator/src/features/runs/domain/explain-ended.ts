import { constants } from 'node:os';
import {
  askAgain,
  because,
  ranFor,
  readOutput,
  showAgent,
  spanOf,
  timeOf,
  type ExplainFacts,
  type Explanation,
} from './explanation.js';

const RESULT = "A run ends as its script did when the agent's durable record says so and all output is here.";

export const explainSucceeded = ({ run }: ExplainFacts): Explanation => ({
  summary: `The script ${run.script} ended with exit code 0 on ${run.agentName} at ${timeOf(run.finishedAtMs)}, after ${ranFor(run)}.`,
  rule: `succeeded: exit code 0, and nobody killed the script. ${RESULT}`,
  advice: `Nothing is to be done. ${readOutput(run)}`,
});

/** What an exit code usually means, beyond "not 0". */
const EXIT_HINTS: Readonly<Record<number, string>> = {
  126: 'By the habit of shells 126 says that a command inside the script was found but could not be executed: look at its permissions and its interpreter.',
  127: "By the habit of shells 127 says that a command inside the script was not found: scripts get a fixed PATH of the system's program folders, so name it by its full path.",
};

export function explainFailed({ run }: ExplainFacts): Explanation {
  const place = `on ${run.agentName} at ${timeOf(run.finishedAtMs)}, after ${ranFor(run)}`;
  if (run.signal !== null) {
    return {
      summary: `The script ${run.script} was ended by signal ${run.signal} ${place}; it has no exit code.`,
      rule: `failed: ended by a signal that ScriptMesh did not send (it has neither timed out nor been cancelled). ${RESULT}`,
      advice: `${signalAdvice(run.signal)} ${readOutput(run)}`,
    };
  }
  const ownCode = (run.exitCode ?? 0) > 128 ? hintOfSignalCode(run.exitCode as number) : '';
  const hint = EXIT_HINTS[run.exitCode ?? 0] ?? ownCode;
  return {
    summary: `The script ${run.script} ended by itself with exit code ${run.exitCode ?? 'unknown'} ${place}.`,
    rule: `failed: any exit code but 0. ${RESULT}`,
    advice: [hint, readOutput(run)].filter(Boolean).join(' '),
  };
}

/** A script that ends with 137 itself is not one that was killed: the node's record tells the two apart. */
function hintOfSignalCode(code: number): string {
  const name = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return name === undefined
    ? ''
    : `The script itself was not killed: it returned ${code}, by the habit of shells that a command inside it was ended by ${name}.`;
}

function signalAdvice(signal: string): string {
  if (signal === 'SIGKILL')
    return "Somebody or the kernel killed it; look for the out-of-memory killer in the machine's log.";
  if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGHUP')
    return 'Somebody on the machine, or the machine going down, ended it.';
  return 'The program crashed, or was ended from outside.';
}

export function explainTimedOut({ run }: ExplainFacts): Explanation {
  const limit = run.effectiveTimeoutMs ?? run.timeoutMs;
  const how =
    run.signal === null ? `it then ended with exit code ${run.exitCode ?? 'unknown'}` : `${run.signal} ended it`;
  return {
    summary: `The script ${run.script} ran longer than its timeout${limit === null ? '' : ` of ${spanOf(limit)}`} on ${run.agentName}, was stopped and ${how} at ${timeOf(run.finishedAtMs)}, after ${ranFor(run)}.`,
    rule: 'timed_out: the timeout is the smallest of "timeoutSeconds" of the manifest, that of the request, and, where neither names one, SCRIPT_MESH_DEFAULT_TIMEOUT_SECONDS of the agent. The node sends TERM, waits SCRIPT_MESH_KILL_GRACE_SECONDS and sends KILL.',
    advice: `Give it more time with "--timeout" as far as the manifest allows, or raise "timeoutSeconds" there. ${readOutput(run)}`,
  };
}

export function explainCancelled({ run, cause, cancelledBy }: ExplainFacts): Explanation {
  const by = cancelledBy === null ? '' : ` by ${cancelledBy}`;
  if (cause === 'agent-removed') {
    return {
      summary: `The run was cancelled at ${timeOf(run.finishedAtMs)} because the agent ${run.agentName} was removed${by}; nothing was executed.`,
      rule: 'cancelled (no): when an agent is removed, its runs that cannot have reached it are cancelled, the others are lost.',
      advice: 'Ask for the run on another agent: "scriptmesh agents list".',
    };
  }
  return run.executed === 'yes'
    ? {
        summary: `The run was cancelled${by} while its script ran on ${run.agentName}; the script was stopped at ${timeOf(run.finishedAtMs)}, after ${ranFor(run)}.`,
        rule: 'cancelled (yes): the node sends TERM, waits SCRIPT_MESH_KILL_GRACE_SECONDS and sends KILL to all that the script has started. A script that ends before that keeps its own result.',
        advice: `See how far it came before you ${askAgain(run)}. ${readOutput(run)}`,
      }
    : {
        summary: `The run was cancelled${by} at ${timeOf(run.finishedAtMs)} before it was started; nothing was executed.`,
        rule: 'cancelled (no): a queued run is cancelled at once; one that was offered only when the agent has promised never to start it.',
        advice: `Nothing is to be done; to have it after all, ${askAgain(run)}.`,
      };
}

export function explainExpired({ run, cause, agent }: ExplainFacts): Explanation {
  if (run.finishedAtMs !== null && run.finishedAtMs < run.deliverByMs && cause === 'deliver-by') {
    return {
      summary: `The run ended at ${timeOf(run.finishedAtMs)} without having been started${because(run)}.`,
      rule: 'expired: the routes of ScriptMesh 0.2 have no queue, so a run whose agent turns out to be down ends at once.',
      advice: `Ask for it by POST /api/v1/runs, which waits for the agent. ${showAgent(run)}`,
    };
  }
  const waited = `${spanOf(run.deliverByMs - run.createdAtMs)} from ${timeOf(run.createdAtMs)} to ${timeOf(run.deliverByMs)}`;
  const how =
    run.offers === 0
      ? 'it never left the queue'
      : `after ${run.offers} ${run.offers === 1 ? 'offer' : 'offers'} the agent has promised never to start it`;
  const away =
    agent && agent.liveness !== 'online'
      ? ` The agent is ${agent.liveness}, last heard at ${timeOf(agent.lastSeenAtMs)}.`
      : '';
  return {
    summary: `The agent ${run.agentName} did not take the run in the time it had, ${waited}: ${how}. Nothing was executed.${away}`,
    rule: 'expired: deliverBy is "deliverWithinSeconds" of the request, else SCRIPT_MESH_DELIVER_WITHIN_SECONDS after it was asked for. It ends runs that wait, never one that runs.',
    advice: `Wait longer with "--deliver-within", or see why the agent did not take it. ${showAgent(run)}`,
  };
}
