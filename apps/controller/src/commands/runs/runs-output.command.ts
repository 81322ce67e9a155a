import { CommandRunner, Help, Option, SubCommand } from 'nest-commander';
import { type Stream, STREAMS } from '@scriptmesh/contracts';
import { ApiAccess } from '../../access/api-access.js';
import { CommandFailed } from '../../cli/command-failed.js';
import { examples } from '../../cli/examples.js';
import { Interrupted } from '../../cli/interrupted.js';
import { EXIT } from '../../exit-code.js';
import { escapeLine } from '../../output/escape-controls.js';
import { ScriptOutput } from '../../output/script-output.js';
import { Interrupts } from '../../ports/interrupts.js';
import { Terminal } from '../../ports/terminal.js';
import { showLive } from './show-live.js';

interface RunsOutputOptions {
  readonly stream?: Stream;
  readonly follow?: boolean;
  readonly raw?: boolean;
}

@SubCommand({
  name: 'output',
  arguments: '<id>',
  argsDescription: { id: 'id of the run' },
  description: "print a run's output: its stdout to stdout, its stderr to stderr",
})
export class RunsOutputCommand extends CommandRunner {
  constructor(
    private readonly access: ApiAccess,
    private readonly terminal: Terminal,
    private readonly interrupts: Interrupts,
  ) {
    super();
  }

  override async run([id = '']: string[], options: RunsOutputOptions): Promise<void> {
    const streams = options.stream === undefined ? STREAMS : [options.stream];
    await (options.follow === true ? this.#follow(id, streams, options) : this.#print(id, streams, options));
  }

  async #print(id: string, streams: readonly Stream[], { raw = false }: RunsOutputOptions): Promise<void> {
    const client = this.access.client();
    for (const stream of streams) {
      const output = new ScriptOutput(this.terminal, stream, raw);
      for await (const part of client.runOutput(id, { stream })) {
        await (part.kind === 'gap' ? output.passGap(part.missing) : output.write(part.bytes));
      }
      await output.end();
    }
  }

  async #follow(id: string, streams: readonly Stream[], { raw = false }: RunsOutputOptions): Promise<void> {
    const watch = this.interrupts.watch();
    try {
      const events = this.access.client().followOutput(id, { signal: watch.signal });
      await showLive(events, { terminal: this.terminal, raw, streams });
    } catch (error) {
      if (!watch.signal.aborted) throw error;
      const goesOn = `the run was left alone; come back to it with: scriptmesh runs output -f ${escapeLine(id)}`;
      throw new CommandFailed(new Interrupted(goesOn), EXIT.interrupted);
    } finally {
      watch.stop();
    }
  }

  @Option({ flags: '--stream <stream>', description: 'only this one', choices: [...STREAMS] })
  readStream(value: string): string {
    return value;
  }

  @Option({ flags: '-f, --follow', description: 'stay until the run has ended' })
  readFollow(): boolean {
    return true;
  }

  @Option({ flags: '--raw', description: 'let control characters of the script reach the terminal' })
  readRaw(): boolean {
    return true;
  }

  @Help('before')
  examples(): string {
    return examples([
      'scriptmesh runs output ID',
      'scriptmesh runs output ID --stream stderr',
      'scriptmesh runs output ID -f',
    ]);
  }
}
