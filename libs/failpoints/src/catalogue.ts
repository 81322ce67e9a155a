/**
 * Every place where a program can be made to die, fail or pause on purpose, with the program that passes it and what has
 * just happened there. When adding one: call `failpoint` where it says, and give it a scenario in test/failpoints/, else
 * `npm run check:types` fails. The supervisor's stand once more in apps/agent/src/supervisor/failpoint.ts.
 */
export const FAILPOINTS = {
  'journal.reserve-kept': ['agent', 'the room for the end record is kept, the intent is not written'],
  'journal.intent-written': ['agent', 'the intent is durable under a temporary name'],
  'journal.intent-linked': ['agent', 'the intent has its name, which is not durable yet'],
  'journal.intent-durable': ['agent', 'the intent is durable; nobody has heard of it'],
  'journal.fence-written': ['agent', 'the fence is durable under a temporary name'],
  'journal.fence-linked': ['agent', 'the fence has its name, which is not durable yet'],
  'journal.fence-durable': ['agent', 'the fence is durable; nobody has heard of it'],
  'journal.end-written': ['agent', 'the end of a lost run is durable under a temporary name'],
  'journal.end-linked': ['agent', 'the end of a lost run has its name, which is not durable yet'],
  'journal.end-durable': ['agent', 'the end of a lost run is durable; nobody has heard of it'],
  'journal.done-written': ['agent', 'the record of a settled run is durable under a temporary name'],
  'journal.done-linked': ['agent', 'the record of a settled run has its name, which is not durable yet'],
  'journal.done-durable': ['agent', 'the record of a settled run is durable, its other files are still there'],
  'journal.emptied': ['agent', 'the other files of a settled run are gone'],
  'journal.floor-durable': ['agent', 'the floor is raised, no record is pruned yet'],
  'journal.pruned': ['agent', 'a record below the floor is gone'],
  'journal.new-id-minted': ['agent', 'the journal is to get a new id, which is not written yet'],
  'journal.new-id-durable': ['agent', 'the new id of the journal is durable; nobody has heard of it'],

  'execution.before-hand-over': ['agent', 'the intent is on record, the supervisor is not told to start'],
  'execution.handed-over': ['agent', 'the supervisor is told to start, the offer is not answered'],
  'execution.before-kill': ['agent', 'a cancel has come, the supervisor is not told of it'],
  'execution.end-heard': ['agent', 'the supervisor has told of an end, which the journal does not know'],

  'reporting.before-send': ['agent', 'output or an end is packed and not sent'],
  'reporting.answered': ['agent', 'the orchestrator has answered to output or an end'],
  'reporting.output-acknowledged': ['agent', 'an acknowledgement of output has come and is not noted'],
  'reporting.result-acknowledged': ['agent', 'an acknowledgement of an end has come, the run is not settled'],
  'reporting.settled': ['agent', 'the run is settled, its shipment is not forgotten'],

  'enrolment.registered': ['agent', 'the orchestrator has registered the agent, which has not kept its id'],
  'enrolment.before-hello': ['agent', 'the hello is made and not sent'],
  'enrolment.welcomed': ['agent', 'the welcome has come, the gate is not open'],

  'supervisor.claimed': ['supervisor', 'the spool is claimed, nobody can connect yet'],
  'supervisor.start-received': ['supervisor', 'a start has come, nothing is done for it'],
  'supervisor.before-spawn': ['supervisor', 'pipes and outputs are open, there is no process'],
  'supervisor.spawned': ['supervisor', 'the script runs, its process is not on record'],
  'supervisor.pid-recorded': ['supervisor', 'the process is on record, its pipes are not drained'],
  'supervisor.before-started': ['supervisor', 'the script is followed, the agent is not told that it runs'],
  'supervisor.output-kept': ['supervisor', 'bytes of output are in the file, the agent is not told of them'],
  'supervisor.exit-seen': ['supervisor', 'the system has told how the script ended, nothing of it is written'],
  'supervisor.end-written': ['supervisor', 'the end is whole under a temporary name'],
  'supervisor.end-linked': ['supervisor', 'the end has its name, the agent is not told of it'],
  'supervisor.end-told': ['supervisor', 'the agent is told of the end, which is not durable yet'],
  'supervisor.end-durable': ['supervisor', 'the end is durable'],
  'supervisor.before-term': ['supervisor', 'a kill has come, no signal is sent'],
  'supervisor.term-sent': ['supervisor', 'TERM is sent, the grace runs'],
  'supervisor.adopted': ['supervisor', 'the script of a dead supervisor is adopted'],

  'dispatch.before-claim': ['orchestrator', 'a waiting run was chosen for a send'],
  'dispatch.before-send': ['orchestrator', 'runs are on record as sent, nothing has left'],
  'dispatch.sent': ['orchestrator', 'an offer was sent or was not; nothing is concluded from it'],
  'dispatch.before-give-back': [
    'orchestrator',
    'it is proved that an offer did not arrive, the runs still count as sent',
  ],
  'dispatch.given-back': ['orchestrator', 'runs whose offer did not arrive wait again'],
  'dispatch.before-cancel': ['orchestrator', 'a cancel is on record and not sent'],
  'dispatch.cancel-sent': ['orchestrator', 'a cancel was sent'],

  'store.before-commit': ['orchestrator', 'any transaction of an SQLite store, its work done, not committed'],
  'store.committed': ['orchestrator', 'any transaction of an SQLite store, committed; nobody knows of it'],
  'store.run-before-commit': ['orchestrator', 'a new run is written, not committed'],
  'store.run-committed': ['orchestrator', 'a new run is committed, neither sent nor answered for'],
  'store.dispatch-before-commit': ['orchestrator', 'a waiting run is claimed, not committed'],
  'store.dispatch-committed': ['orchestrator', 'a waiting run is claimed, nothing has left'],
  'store.evidence-before-commit': ['orchestrator', 'a message of an agent is judged, not committed'],
  'store.evidence-committed': ['orchestrator', 'what an agent told is committed, not acknowledged'],
  'store.output-before-commit': ['orchestrator', 'a piece of output is written, not committed'],
  'store.end-before-commit': ['orchestrator', 'a result is judged, not committed'],
  'store.cancel-before-commit': ['orchestrator', 'a wish to cancel is written, not committed'],
  'store.cancel-committed': ['orchestrator', 'a wish to cancel is committed, no agent is told of it'],
  'store.epoch-before-commit': ['orchestrator', 'the journal of a hello is taken, not committed'],
  'store.epoch-committed': ['orchestrator', 'the journal of a hello is taken, the agent is not welcomed'],
} as const satisfies Readonly<Record<string, readonly [FailingProgram, string]>>;

export type FailingProgram = 'orchestrator' | 'agent' | 'supervisor';
export type FailpointName = keyof typeof FAILPOINTS;

export const programOf = (name: FailpointName): FailingProgram => FAILPOINTS[name][0];
