import type { OutputEvent } from '@scriptmesh/api-client';
import { MeshError, type RunResource, type Stream } from '@scriptmesh/contracts';
import { escapeLine } from '../../output/escape-controls.js';
import { gapText, ScriptOutput } from '../../output/script-output.js';
import type { Terminal } from '../../ports/terminal.js';

interface LiveOptions {
  readonly terminal: Terminal;
  readonly raw: boolean;
  readonly streams: readonly Stream[];
  /** Called before each piece, shown or not. */
  readonly onOutput?: () => void;
}

/** Writes a run's output as it comes and returns the run when it has ended. */
export async function showLive(events: AsyncIterable<OutputEvent>, options: LiveOptions): Promise<RunResource> {
  const { terminal, raw, streams, onOutput } = options;
  const outputs = {
    stdout: new ScriptOutput(terminal, 'stdout', raw),
    stderr: new ScriptOutput(terminal, 'stderr', raw),
  };
  for await (const event of events) {
    switch (event.kind) {
      case 'output':
        onOutput?.();
        if (streams.includes(event.stream)) await outputs[event.stream].write(event.bytes);
        break;
      case 'gap':
        if (event.stream === null) await terminal.err(gapText(event.missing));
        else if (streams.includes(event.stream)) await outputs[event.stream].passGap(event.missing);
        break;
      case 'reconnecting':
        // The script's stderr goes here too: a file or a program gets nothing but that.
        if (terminal.errIsTerminal) await terminal.err(`scriptmesh: ${escapeLine(event.why)}; trying again\n`);
        break;
      case 'end':
        await outputs.stdout.end();
        await outputs.stderr.end();
        return event.run;
    }
  }
  throw new MeshError('orchestrator/unreachable', 'the live output ended before the run did');
}
