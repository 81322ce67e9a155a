import type { ApiClient } from '@scriptmesh/api-client';
import { MeshError, type RunResource, type Stream } from '@scriptmesh/contracts';
import type { Clock } from '@scriptmesh/runtime';
import { CommandFailed } from '../../cli/command-failed.js';
import { Interrupted } from '../../cli/interrupted.js';
import { EXIT } from '../../exit-code.js';
import { BrokenPipe, type Terminal } from '../../ports/terminal.js';
import { showLive } from '../runs/show-live.js';

interface FollowOptions {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly raw: boolean;
  readonly streams: readonly Stream[];
  readonly onOutput: () => void;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  readonly waitSeconds: number | null;
}

/** Shows a run's output until it has ended. Leaving early leaves the run alone. @throws CommandFailed with the exit code of `run` */
export async function followToEnd(client: ApiClient, run: RunResource, options: FollowOptions): Promise<RunResource> {
  const { clock, signal, waitSeconds } = options;
  const patience = new AbortController();
  const timer = waitSeconds === null ? null : clock.after(waitSeconds * 1000, () => patience.abort());
  try {
    const either = AbortSignal.any([signal, patience.signal]);
    return await showLive(client.followOutput(run.id, { signal: either }), options);
  } catch (error) {
    if (signal.aborted) throw new CommandFailed(goesOn(run, 'the run goes on'), EXIT.interrupted);
    if (patience.signal.aborted) {
      throw new CommandFailed(goesOn(run, `the run has not ended within ${waitSeconds} s and goes on`), EXIT.notRun);
    }
    if (error instanceof BrokenPipe) throw new CommandFailed(error, EXIT.brokenPipe);
    throw new CommandFailed(outOfTouch(error, run), EXIT.notRun);
  } finally {
    timer?.stop();
  }
}

const goesOn = ({ id }: RunResource, what: string): Interrupted =>
  new Interrupted(`${what}; come back to it with: scriptmesh runs output ${id}`);

function outOfTouch(error: unknown, run: RunResource): unknown {
  if (!(error instanceof MeshError)) return error;
  return new MeshError(error.code, `${error.detail}; the run ${run.id} may go on without us`, {
    cause: error,
    facts: error.facts,
    hint: `${error.hint} Then come back to the run: "scriptmesh runs output ${run.id}".`,
  });
}
