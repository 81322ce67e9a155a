import { constants } from 'node:os';
import {
  isFinalState,
  legacyDetail,
  legacyReply,
  MeshError,
  toLegacyFailure,
  toLegacySuccess,
  toLegacyText,
  toReturnCode,
  type LegacyReply,
  type PerStream,
} from '@scriptmesh/contracts';
import type { Run } from '../../runs/index.js';

export const unreachable = (reason: string): LegacyReply => legacyDetail(500, `Agent unreachable: ${reason}`);

const SCRIPT_NOT_FOUND = unreachable('404: Script not found in manifest');
const FILE_MISSING = unreachable('404: Script file missing on disk');

/** The end of a run in the words of /trigger-script. */
export function replyOfRun(run: Run, output: PerStream<Uint8Array>): LegacyReply {
  if (run.state === 'succeeded') {
    const told = toLegacySuccess(run.script, toLegacyText(output.stdout), toLegacyText(output.stderr));
    return legacyReply(200, { status: 'success', agent: run.agentName, output: told });
  }
  if (run.state === 'rejected') return replyOfRejection(run);
  if (isFinalState(run.state) && run.executed === 'yes' && run.state !== 'lost') {
    // The agent's own body, word for word, stands in the text.
    const body = toLegacyFailure(
      run.script,
      toLegacyText(output.stderr),
      toReturnCode({ ...run, signalNumber: signalOf(run) }),
    );
    return unreachable(`500: ${JSON.stringify(body)}`);
  }
  if (run.state === 'lost') return unreachable(`the outcome is not known: ${run.reason ?? 'lost'} (run ${run.id})`);
  return unreachable(`the script was not started: ${run.reason ?? run.state} (run ${run.id})`);
}

/** A run that never came into the world. */
export function replyOfRefusal(error: unknown): LegacyReply {
  if (!(error instanceof MeshError)) throw error;
  // A name that no manifest can hold is in none.
  if (error.code === 'script/not-found' || error.code === 'request/malformed') return SCRIPT_NOT_FOUND;
  if (error.status >= 500) throw error;
  return unreachable(`${error.status}: ${error.detail}`);
}

function replyOfRejection({ reasonCode, reason, id }: Run): LegacyReply {
  if (reasonCode === 'script/not-found') return SCRIPT_NOT_FOUND;
  if (reasonCode === 'script/file-missing') return FILE_MISSING;
  return unreachable(`the script was not started: ${reason ?? reasonCode ?? 'rejected'} (run ${id})`);
}

const signalOf = ({ signal }: Run): number | null =>
  signal === null
    ? null
    : ((constants.signals as Readonly<Record<string, number>>)[signal] ?? constants.signals.SIGKILL);
