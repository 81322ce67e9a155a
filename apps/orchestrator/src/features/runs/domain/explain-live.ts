import { spanOf, showAgent, timeOf, type ExplainFacts, type Explanation } from './explanation.js';

const DELIVERY =
  'A run waits for its agent until deliverBy: "deliverWithinSeconds" of the request, else SCRIPT_MESH_DELIVER_WITHIN_SECONDS. Then it ends as expired.';

/** Why a queued run waits: the first line that holds. */
const WAITS: readonly ((facts: ExplainFacts) => { readonly why: string; readonly advice: string } | undefined)[] = [
  isOverdue,
  waitsForItsTime,
  hasNoAgent,
  isAgentAway,
  isAgentNew,
  isAgentFull,
  wasTurnedBack,
];

export function explainQueued(facts: ExplainFacts): Explanation {
  const { run, nowMs } = facts;
  const reason = WAITS.map((look) => look(facts)).find(Boolean) ?? waitsItsTurn(facts);
  const left = run.deliverByMs - nowMs;
  const until = left > 0 ? `, ${spanOf(left)} from now` : '';
  return {
    summary: `The run has waited for ${spanOf(nowMs - run.createdAtMs)} in the queue: ${reason.why}. It waits until ${timeOf(run.deliverByMs)}${until}; nothing was executed.`,
    rule: `queued: the queue is the orchestrator's, and a run leaves it when its agent is there and has a free slot. ${DELIVERY}`,
    advice: reason.advice,
  };
}

function isOverdue({ run, nowMs }: ExplainFacts) {
  if (run.deliverByMs > nowMs) return undefined;
  return {
    why: 'its deliverBy has passed, and it ends as expired with the next look',
    advice: 'Look again in a second.',
  };
}

function waitsForItsTime({ run, nowMs }: ExplainFacts) {
  if (run.notBeforeMs === null || run.notBeforeMs <= nowMs) return undefined;
  return {
    why: `it is attempt ${run.attempt} of ${run.retries + 1} of run ${run.retryOf}, and leaves in ${spanOf(run.notBeforeMs - nowMs)}`,
    advice: `Wait, or end the attempts: "scriptmesh runs cancel ${run.id}".`,
  };
}

function hasNoAgent({ run, agent }: ExplainFacts) {
  if (agent) return undefined;
  return {
    why: `the agent ${run.agentName} is not registered any more`,
    advice: 'List the agents: "scriptmesh agents list".',
  };
}

function isAgentAway({ run, agent }: ExplainFacts) {
  if (!agent || agent.liveness === 'online') return undefined;
  const since =
    agent.lastSeenAtMs === null ? 'has never been heard' : `was last heard at ${timeOf(agent.lastSeenAtMs)}`;
  return {
    why: `the agent ${run.agentName} is ${agent.liveness}; it ${since}`,
    advice: `Start the agent on its machine, or mend the connection; the run leaves by itself then. ${showAgent(run)}`,
  };
}

function isAgentNew({ run, agent }: ExplainFacts) {
  if (!agent || agent.isKnown) return undefined;
  return {
    why: `the agent ${run.agentName} has not said hello yet`,
    advice: `Wait for its first hello. ${showAgent(run)}`,
  };
}

function isAgentFull({ run, agent }: ExplainFacts) {
  if (agent?.freeSlots !== 0) return undefined;
  return {
    why: `the agent ${run.agentName} has no free slot (it is full, or its disk is low)`,
    advice: `Wait until one of its runs has ended ("scriptmesh runs list -a ${run.agentName} --state running"), or raise SCRIPT_MESH_MAX_CONCURRENT_RUNS on the node; an agent with less free disk than SCRIPT_MESH_DISK_RESERVE_BYTES takes nothing.`,
  };
}

function wasTurnedBack({ run, agent }: ExplainFacts) {
  if (run.offers === 0) return undefined;
  const times = run.offers === 1 ? 'its one offer' : `each of its ${run.offers} offers`;
  return {
    why: `${times} did not arrive, which is proved, and it is offered again soon; the agent was last heard at ${timeOf(agent?.lastSeenAtMs ?? null)}`,
    advice: `Check the way from the orchestrator to the agent's address. ${showAgent(run)}`,
  };
}

const waitsItsTurn = ({ run }: ExplainFacts) => ({
  why: `it is the turn of other runs of ${run.agentName}, or its script has reached "maxConcurrent" of the manifest`,
  advice: `Look at what runs there: "scriptmesh runs list -a ${run.agentName} --state running".`,
});

export function explainDispatched({ run, agent, nowMs }: ExplainFacts): Explanation {
  const sent = `${run.offers} ${run.offers === 1 ? 'offer has' : 'offers have'} been sent to ${run.agentName}, the last at ${timeOf(run.dispatchedAtMs)}`;
  const next =
    run.nextOfferAtMs !== null && run.nextOfferAtMs > nowMs
      ? `; the next one leaves at ${timeOf(run.nextOfferAtMs)}`
      : '';
  const away =
    agent && agent.liveness !== 'online'
      ? ` The agent is ${agent.liveness}, last heard at ${timeOf(agent.lastSeenAtMs)}.`
      : '';
  return run.journalId === null
    ? {
        summary: `The run was handed to ${run.agentName}, an agent of ScriptMesh 0.2, at ${timeOf(run.dispatchedAtMs)}, ${spanOf(nowMs - (run.dispatchedAtMs ?? nowMs))} ago. Such an agent says nothing before its script has ended.${away}`,
        rule: 'dispatched, without a journal: one call that lasts as long as the script; it is never sent again, and if its connection breaks the run is lost.',
        advice: `Wait for its end: "scriptmesh runs watch ${run.id}".`,
      }
    : {
        summary: `${sent}, and no answer has come: whether the script was started is in doubt (in_doubt ${run.inDoubt})${next}.${away} deliverBy is ${timeOf(run.deliverByMs)}.`,
        rule: `dispatched: an unanswered offer is repeated after 0.25, 1, 2, 4 ... 30 s with the same run id, which the agent's journal lets through at most once. ${DELIVERY} A dispatched one ends only when the agent has promised never to start it.`,
        advice: `Wait for the agent's answer. ${showAgent(run)}`,
      };
}

export function explainRunning({ run, agent, nowMs }: ExplainFacts): Explanation {
  const { startedAtMs, effectiveTimeoutMs } = run;
  const since = startedAtMs ?? nowMs;
  const limit =
    effectiveTimeoutMs === null
      ? 'its timeout is not known yet'
      : `its timeout of ${spanOf(effectiveTimeoutMs)} ends it at ${timeOf(since + effectiveTimeoutMs)}`;
  const away =
    agent && agent.liveness !== 'online'
      ? ` The agent is ${agent.liveness}, last heard at ${timeOf(agent.lastSeenAtMs)}; the script goes on without it.`
      : '';
  const cancel = run.cancelRequested ? ' A cancel was asked for and is sent until the agent answers.' : '';
  return {
    summary: `The agent ${run.agentName} took the run at ${timeOf(startedAtMs)}, ${spanOf(nowMs - since)} ago; ${limit}. ${run.acked.stdout} bytes of stdout and ${run.acked.stderr} of stderr have come.${cancel}${away}`,
    rule: 'running: the timeout is the smallest of "timeoutSeconds" of the manifest, that of the request, and, where neither names one, SCRIPT_MESH_DEFAULT_TIMEOUT_SECONDS of the agent; the node enforces it.',
    advice: `Follow it: "scriptmesh runs output -f ${run.id}".`,
  };
}
