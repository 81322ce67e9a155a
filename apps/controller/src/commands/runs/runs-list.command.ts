import { Help, Option, SubCommand } from 'nest-commander';
import { type RunState, RUN_STATES } from '@scriptmesh/contracts';
import { ApiAccess } from '../../access/api-access.js';
import { examples } from '../../cli/examples.js';
import { readWholeNumber } from '../../cli/read-values.js';
import { Printer } from '../../output/printer.js';
import { ShowingCommand, type ShowingOptions } from '../../output/showing-command.js';
import { RUN_VIEW } from './run-view.js';

interface RunsListOptions extends ShowingOptions {
  readonly state?: RunState;
  readonly agent?: string;
  readonly script?: string;
  readonly retryOf?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

@SubCommand({ name: 'list', description: 'list runs, the newest first' })
export class RunsListCommand extends ShowingCommand {
  constructor(
    private readonly access: ApiAccess,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run(_given: string[], { output, ...query }: RunsListOptions): Promise<void> {
    await this.printer.page(output, await this.access.client().listRuns(query), RUN_VIEW, 'No such runs.');
  }

  @Option({ flags: '--state <state>', description: 'only in this state', choices: [...RUN_STATES] })
  readState(value: string): string {
    return value;
  }

  @Option({ flags: '-a, --agent <agent>', description: 'only on this agent (name or id)' })
  readAgent(value: string): string {
    return value;
  }

  @Option({ flags: '-s, --script <script>', description: 'only of this script' })
  readScript(value: string): string {
    return value;
  }

  @Option({ flags: '--retry-of <id>', description: 'only those that were asked for in place of this run' })
  readRetryOf(value: string): string {
    return value;
  }

  @Option({ flags: '--limit <count>', description: 'at most so many' })
  readLimit(value: string): number {
    return readWholeNumber(value, 1);
  }

  @Option({ flags: '--cursor <cursor>', description: 'go on where the last page ended' })
  readCursor(value: string): string {
    return value;
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh runs list --state failed', 'scriptmesh runs list -a db-1 --limit 5 -o json']);
  }
}
