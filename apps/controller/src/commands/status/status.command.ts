import { Command, Help } from 'nest-commander';
import type { MeshStatus } from '@scriptmesh/api-client';
import { ApiAccess } from '../../access/api-access.js';
import { examples } from '../../cli/examples.js';
import { Printer } from '../../output/printer.js';
import { ShowingCommand, type ShowingOptions } from '../../output/showing-command.js';

@Command({ name: 'status', description: 'is the orchestrator there, and how are its agents and runs?' })
export class StatusCommand extends ShowingCommand {
  constructor(
    private readonly access: ApiAccess,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run(_given: string[], { output }: ShowingOptions): Promise<void> {
    const status = await this.access.client().status();
    const shown: object = output === 'table' ? summarize(status) : status;
    await this.printer.one(output, shown, () => status.version);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh status', 'scriptmesh status -o json']);
  }
}

const summarize = ({ version, startedAt, agents, runs }: MeshStatus) => ({
  orchestrator: `reachable, version ${version}, since ${startedAt}`,
  agents: counts(agents) || 'none',
  runs: counts(runs) || 'none',
});

const counts = (numbers: Readonly<Record<string, number>>): string =>
  Object.entries(numbers)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
