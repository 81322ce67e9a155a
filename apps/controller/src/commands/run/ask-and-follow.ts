import type { ApiClient, RunRequest } from '@scriptmesh/api-client';
import { MeshError, type RunResource, STREAMS } from '@scriptmesh/contracts';
import { CommandFailed } from '../../cli/command-failed.js';
import { EXIT } from '../../exit-code.js';
import { escapeLine } from '../../output/escape-controls.js';
import { BrokenPipe, type Terminal } from '../../ports/terminal.js';
import { showLive } from '../runs/show-live.js';
import { askingExitCode } from './run-exit-code.js';

interface AskOptions {
  readonly terminal: Terminal;
  readonly raw: boolean;
  readonly signal: AbortSignal;
}

/** Asks for the run and shows its output until it has ended. @throws CommandFailed with the exit code of `run` */
export async function askAndFollow(client: ApiClient, request: RunRequest, options: AskOptions): Promise<RunResource> {
  const { terminal, raw, signal } = options;
  const run = await client.createRun(request, { signal }).catch((error: unknown) => {
    throw new CommandFailed(
      signal.aborted ? interruptedWhileAsking(request) : error,
      signal.aborted ? EXIT.interrupted : askingExitCode(error),
    );
  });
  if (terminal.errIsTerminal) await terminal.err(`scriptmesh: run ${run.id} on ${escapeLine(run.agent)}\n`);
  try {
    return await showLive(client.followOutput(run.id, { signal }), { terminal, raw, streams: STREAMS });
  } catch (error) {
    if (signal.aborted) throw new CommandFailed(interruptedWhileWaiting(run), EXIT.interrupted);
    if (error instanceof BrokenPipe) throw new CommandFailed(error, EXIT.brokenPipe);
    throw new CommandFailed(outOfTouch(error, run), EXIT.notRun);
  }
}

/** Told as a plain message, not as an error: nothing went wrong. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

const interruptedWhileWaiting = (run: RunResource): Interrupted =>
  new Interrupted(`the run goes on; come back to it with: scriptmesh runs output ${run.id}`);

const interruptedWhileAsking = ({ agent }: RunRequest): Interrupted =>
  new Interrupted(
    `it is not known whether the run was taken; look with: scriptmesh runs list --agent ${escapeLine(agent)}`,
  );

function outOfTouch(error: unknown, run: RunResource): unknown {
  if (!(error instanceof MeshError)) return error;
  return new MeshError(error.code, `${error.detail}; the run ${run.id} may go on without us`, {
    cause: error,
    facts: error.facts,
    hint: `${error.hint} Then come back to the run: "scriptmesh runs output ${run.id}".`,
  });
}
