import { ERROR_CATALOGUE, type ErrorCode } from '@scriptmesh/contracts';
import { because, timeOf, type ExplainFacts, type Explanation } from './explanation.js';
import type { Run } from './run.js';

type Refusal = (run: Run) => { readonly what: string; readonly rule: string; readonly advice: string };

const CHECKED = 'The agent checks its own manifest before every start, whatever the orchestrator believes.';

/** What each refusal of an agent means. A code without a row is told in the words of the error catalogue. */
export const REFUSALS: Partial<Record<ErrorCode, Refusal>> = {
  'script/not-found': (run) => ({
    what: `its manifest lists no script "${run.script}"`,
    rule: `Only what the node's script_manifest.json lists may run. ${CHECKED}`,
    advice: `List what it has: "scriptmesh scripts list -a ${run.agentName}"; or add the script on the node.`,
  }),
  'script/file-missing': (run) => ({
    what: `the file of "${run.script}" is not there`,
    rule: `The "path" of the manifest has to be a file when the run is offered. ${CHECKED}`,
    advice: "Put the file back, or mend its path in the node's script_manifest.json.",
  }),
  'script/not-runnable': (run) => ({
    what: `"${run.script}" cannot be started as it is`,
    rule: 'How to start it is decided by "interpreter" of the manifest, else the "#!" line, else the ending of its name; the program has to be there.',
    advice: 'On the node: "scriptmesh agent check" names what is missing.',
  }),
  'manifest/invalid': () => ({
    what: 'its manifest, or the entry of the script, has a fault',
    rule: 'An entry with a fault is never run; a broken manifest leaves the last good one in force.',
    advice: 'On the node: "scriptmesh agent check" shows the place; "scriptmesh explain" what each field means.',
  }),
  'manifest/unsafe-path': (run) => ({
    what: `the path of "${run.script}" leads out of the scripts folder or over a link`,
    rule: 'A path stays inside the folder "scripts": no "..", nothing absolute, no symbolic link on the way.',
    advice: 'Put the file itself into the scripts folder and name it there.',
  }),
  'manifest/unsafe-permissions': (run) => ({
    what: `others than the node's owner may write the file of "${run.script}", or a folder above it`,
    rule: "What runs must be writable only by root or the agent's user.",
    advice: "On the node: chmod go-w the file and its folders, and chown them to the agent's user or root.",
  }),
  'manifest/hash-mismatch': (run) => ({
    what: `the file of "${run.script}" is not the one the manifest names`,
    rule: 'An entry of the manifest with "sha256" runs exactly the file with that hash.',
    advice: 'Restore the file; or, when the change is wanted, accept the new one in the manifest, and ask again.',
  }),
  'params/invalid': (run) => ({
    what: 'the parameters are not what it allows',
    rule: 'Parameters have to fit what the node allows, whatever the orchestrator has checked. An agent of ScriptMesh 0.2 takes none.',
    advice: `See what the script takes: "scriptmesh scripts list -a ${run.agentName}"; then ask again with fitting ones.`,
  }),
  'run/start-failed': () => ({
    what: 'the start itself failed, which its durable record says',
    rule: 'rejected after running: the run was accepted, but no process came into being. It may be asked for again.',
    advice: 'See the reason above; then on the node: "scriptmesh agent check".',
  }),
  'run/stale': (run) => ({
    what: 'the run is older than what its journal reaches back to',
    rule: 'Records are pruned in the order of run ids (SCRIPT_MESH_KEPT_RECORDS); at or below the highest pruned id nothing is started any more.',
    advice: `Ask for the run again: "scriptmesh run ${run.script} -a ${run.agentName}".`,
  }),
};

/** Codes of the families above that are never the reason of a refusal. */
export const NO_REFUSALS: readonly ErrorCode[] = [
  'run/not-found',
  'run/already-final',
  'run/wrong-state',
  'run/not-final',
  'run/output-pruned',
];

export function explainRejected({ run }: ExplainFacts): Explanation {
  const { reasonCode } = run;
  const told = (reasonCode === null ? undefined : REFUSALS[reasonCode])?.(run) ?? fromCatalogue(reasonCode);
  const code = reasonCode === null ? '' : ` (${reasonCode})`;
  return {
    summary: `The agent ${run.agentName} refused the run at ${timeOf(run.finishedAtMs)}: ${told.what}${code}${because(run)}. Nothing was executed.`,
    rule: `rejected (no): ${told.rule}`,
    advice: told.advice,
  };
}

function fromCatalogue(code: ErrorCode | null): ReturnType<Refusal> {
  const { title, hint } = code === null ? { title: 'no code was given', hint: '' } : ERROR_CATALOGUE[code];
  const what = title.charAt(0).toLowerCase() + title.slice(1);
  return { what, rule: `${CHECKED} Its refusal is final.`, advice: hint || 'Look at the log of the agent.' };
}
