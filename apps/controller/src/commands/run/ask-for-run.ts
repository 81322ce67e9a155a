import type { ApiClient, RunRequest } from '@scriptmesh/api-client';
import type { RunResource } from '@scriptmesh/contracts';
import { CommandFailed } from '../../cli/command-failed.js';
import { Interrupted } from '../../cli/interrupted.js';
import { EXIT } from '../../exit-code.js';
import { escapeLine } from '../../output/escape-controls.js';
import { askingExitCode } from './run-exit-code.js';

interface AskOptions {
  readonly signal: AbortSignal;
  readonly idempotencyKey: string | null;
}

/** @throws CommandFailed with the exit code of `run`; at Ctrl-C it is not known whether the run was taken */
export async function askForRun(client: ApiClient, request: RunRequest, options: AskOptions): Promise<RunResource> {
  const { signal, idempotencyKey } = options;
  try {
    return await client.createRun(request, { signal, ...(idempotencyKey === null ? {} : { idempotencyKey }) });
  } catch (error) {
    if (!signal.aborted) throw new CommandFailed(error, askingExitCode(error));
    const where = `scriptmesh runs list --agent ${escapeLine(request.agent)}`;
    throw new CommandFailed(
      new Interrupted(`it is not known whether the run was taken; look with: ${where}`),
      EXIT.interrupted,
    );
  }
}
