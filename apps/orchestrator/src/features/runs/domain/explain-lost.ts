import type { LossCause } from '@scriptmesh/contracts';
import { askAgain, because, showAgent, spanOf, timeOf, type ExplainFacts, type Explanation } from './explanation.js';

interface Loss {
  readonly what: string;
  readonly rule: string;
  /** Besides what is always to be done. */
  readonly advice?: string;
}

const INTENT_ONCE = 'An accepted run is never started a second time.';

/** What each way to lose a run means. */
export const LOSSES: Readonly<Record<LossCause, (facts: ExplainFacts) => Loss>> = {
  'node-restarted': () => ({
    what: 'the node was restarted while the script ran, so nobody saw its end',
    rule: `The agent finds a start from before the boot and no end on record. ${INTENT_ONCE}`,
    advice: 'Let the script leave a trace of its own progress when it must survive a reboot.',
  }),
  'supervisor-ended': () => ({
    what: 'the process on the node that watches the scripts was killed, and the exit code went with it',
    rule: `An orphan is watched to its end and reported as lost, since only its parent could learn its exit code. ${INTENT_ONCE}`,
    advice: "Look for the out-of-memory killer in the node's log.",
  }),
  'spool-removed': () => ({
    what: "the run's folder was removed from the node's spool while the script ran, and its output with it",
    rule: `An end without its output is no result, and the folder that would hold its record is gone. ${INTENT_ONCE}`,
    advice: "Find out who removed it: a script can when it runs as the agent's user.",
  }),
  'agent-ended': () => ({
    what: 'the agent ended while the script ran, so nobody saw how the script ended',
    rule: `A script left by an earlier life of the agent is watched to its end, but its exit code went to a parent that is gone. ${INTENT_ONCE}`,
    advice: 'Stop an agent only while nothing runs there.',
  }),
  'before-start': () => ({
    what: 'the agent ended, or its disk failed, between accepting the run and starting its script; no start is on record',
    rule: `The intent stands and no process, pid or end is found after 2 s. ${INTENT_ONCE}`,
  }),
  'record-unreadable': () => ({
    what: "the record of the run in the agent's journal cannot be read any more",
    rule: `A damaged record is never taken for permission to start. ${INTENT_ONCE}`,
    advice: "Check the disk of the node's spool folder.",
  }),
  'agent-said': () => ({
    what: 'the agent says that it does not know what became of it',
    rule: `The agent's word "lost" ends a run that it had accepted. ${INTENT_ONCE}`,
  }),
  'no-record': () => ({
    what: 'the agent has no record of a run that it had accepted',
    rule: 'running, asked while running, answered "absent" from the same journal: the spool was tampered with or restored from a snapshot.',
    advice: "Find out who changed the node's spool folder; never restore it from a snapshot.",
  }),
  'below-floor': () => ({
    what: "the database was restored from a backup, and the run is older than what the agent's journal reaches back to",
    rule: 'A restored run at or below the floor is lost: its record may have been pruned after a real end (SCRIPT_MESH_KEPT_RECORDS).',
  }),
  contradiction: () => ({
    what: 'the agent says that the start failed, although output of the script has come',
    rule: 'Two durable words that contradict each other are not settled by guessing.',
    advice: 'Report it, with the log of the agent.',
  }),
  'other-journal': () => ({
    what: 'the agent came back with another journal: its spool was wiped or restored, or it is another program',
    rule: 'A run belongs to the journal it was first offered to; with another one its record is gone, and it is never offered again.',
    advice: "Keep the node's spool folder over reinstallations.",
  }),
  silence: ({ run, lostAfterMs }) => {
    const timeoutMs = run.effectiveTimeoutMs ?? run.timeoutMs;
    const timeout = timeoutMs === null ? 'the default of 24 h' : spanOf(timeoutMs);
    return {
      what: 'nothing was heard of the agent for longer than the run could have taken',
      rule: `Silence beyond the timeout (${timeout}) plus SCRIPT_MESH_LOST_AFTER_SECONDS (${spanOf(lostAfterMs)}), counted from the later of the agent's last word and the run's last offer (${timeOf(run.dispatchedAtMs)}). Should the agent come back, its word is shown as lateResult.`,
      advice: 'Bring the agent back: it still reports what happened.',
    };
  },
  'agent-removed': ({ cancelledBy }) => ({
    what: `the agent was removed${cancelledBy === null ? '' : ` by ${cancelledBy}`} while it may have had the run`,
    rule: 'When an agent is removed, its runs that cannot have reached it are cancelled, the others are lost.',
  }),
  'legacy-unclear': () => ({
    what: 'the call to the ScriptMesh 0.2 agent ended without an answer that says what happened',
    rule: 'An agent of 0.2 has no journal: after its request has left, a run is never sent again.',
    advice: 'Replace the agent by a current one, which survives broken connections.',
  }),
  'legacy-orphaned': () => ({
    what: 'the orchestrator that waited for the answer of the ScriptMesh 0.2 agent is gone',
    rule: 'Whoever waits for a 0.2 agent renews a lease of 90 s on the run; when it is over, nobody can hear the answer any more.',
  }),
  restored: () => ({
    what: 'the database was restored from a backup while the run was with a ScriptMesh 0.2 agent, which cannot be asked',
    rule: 'After a restore every live run is asked about; an agent of 0.2 has no journal that could answer.',
  }),
};

const UNRECORDED: Loss = {
  what: 'no cause is on record, since it was lost before causes were kept',
  rule: 'What cannot be known is called lost, never guessed.',
};

const STARTED = {
  yes: 'The script was started.',
  no: 'The script was not started.',
  unknown: 'Whether the script was started is not known.',
} as const;

export function explainLost(facts: ExplainFacts): Explanation {
  const { run, cause } = facts;
  const loss = cause !== null && Object.hasOwn(LOSSES, cause) ? LOSSES[cause as LossCause](facts) : UNRECORDED;
  const late =
    run.lateResult === null ? '' : ` The agent has said more at ${timeOf(run.lateResult.atMs)}: see lateResult.`;
  return {
    summary: `What became of the run on ${run.agentName} is not known since ${timeOf(run.finishedAtMs)}: ${loss.what}${because(run)}. ${STARTED[run.executed ?? 'unknown']}${late}`,
    rule: `lost (${run.executed ?? 'unknown'}): ${loss.rule}`,
    advice: `${loss.advice === undefined ? '' : `${loss.advice} `}Check on the machine what the script has done before you ${askAgain(run)}. ${showAgent(run)}`,
  };
}
