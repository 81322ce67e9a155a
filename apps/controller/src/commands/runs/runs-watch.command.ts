import { Help, Option, SubCommand } from 'nest-commander';
import { type RunState, RUN_STATES } from '@scriptmesh/contracts';
import { ApiAccess } from '../../access/api-access.js';
import { examples } from '../../cli/examples.js';
import { readWholeNumber } from '../../cli/read-values.js';
import { UsageFault } from '../../cli/usage-fault.js';
import { ShowingCommand, type ShowingOptions } from '../../output/showing-command.js';
import { Interrupts } from '../../ports/interrupts.js';
import { RunFollower } from '../run/run-follower.js';
import { RunsWatcher } from './runs-watcher.js';

interface RunsWatchOptions extends ShowingOptions {
  readonly agent?: string;
  readonly script?: string;
  readonly state?: RunState;
  readonly interval?: number;
}

const INTERVAL_SECONDS = 2;

@SubCommand({
  name: 'watch',
  arguments: '[id]',
  argsDescription: { id: 'id of a run: follow its output and end with its exit code' },
  description: 'show runs as they change, until Ctrl-C',
})
export class RunsWatchCommand extends ShowingCommand {
  constructor(
    private readonly access: ApiAccess,
    private readonly interrupts: Interrupts,
    private readonly follower: RunFollower,
    private readonly watcher: RunsWatcher,
  ) {
    super();
  }

  override async run([id]: string[], options: RunsWatchOptions): Promise<void> {
    const { output, interval, ...query } = options;
    if (id !== undefined && (interval !== undefined || Object.keys(query).length > 0)) {
      throw new UsageFault('one run is not chosen by agent, script or state', 'Give the id alone, or leave it out.');
    }
    const watch = this.interrupts.watch();
    try {
      const { signal } = watch;
      if (id === undefined) {
        const everyMs = (interval ?? INTERVAL_SECONDS) * 1000;
        await this.watcher.watch(this.access.client(), query, { signal, everyMs, format: output });
      } else {
        const client = this.access.client();
        const run = await client.getRun(id);
        const format = output === 'table' ? null : output;
        await this.follower.follow(client, run, { signal, raw: false, format, waitSeconds: null });
      }
    } finally {
      watch.stop();
    }
  }

  @Option({ flags: '-a, --agent <agent>', description: 'only on this agent (name or id)' })
  readAgent(value: string): string {
    return value;
  }

  @Option({ flags: '-s, --script <script>', description: 'only of this script' })
  readScript(value: string): string {
    return value;
  }

  @Option({ flags: '--state <state>', description: 'only that are, or were, in this state', choices: [...RUN_STATES] })
  readState(value: string): string {
    return value;
  }

  @Option({ flags: '--interval <seconds>', description: `look so often; ${INTERVAL_SECONDS} when not given` })
  readInterval(value: string): number {
    return readWholeNumber(value, 1);
  }

  @Help('before')
  examples(): string {
    return examples([
      'scriptmesh runs watch',
      'scriptmesh runs watch -a db-1 --state running',
      'scriptmesh runs watch -o ndjson | jq .state',
      'scriptmesh runs watch ID',
    ]);
  }
}
