import { Help, Option, SubCommand } from 'nest-commander';
import { ApiAccess } from '../../access/api-access.js';
import { examples } from '../../cli/examples.js';
import { Printer } from '../../output/printer.js';
import { ShowingCommand, type ShowingOptions } from '../../output/showing-command.js';
import { AGENT_SCRIPT_VIEW, CATALOGUE_VIEW } from './script-views.js';

interface ScriptsListOptions extends ShowingOptions {
  readonly agent?: string;
}

@SubCommand({ name: 'list', description: 'list the scripts of all agents, or of one' })
export class ScriptsListCommand extends ShowingCommand {
  constructor(
    private readonly access: ApiAccess,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run(_given: string[], { agent, output }: ScriptsListOptions): Promise<void> {
    const client = this.access.client();
    const nothing = 'No scripts: name them in cfg/script_manifest.json of an agent.';
    if (agent === undefined) {
      const items = await client.listScripts();
      await this.printer.page(output, { items, next: null }, CATALOGUE_VIEW, nothing);
    } else {
      const items = await client.agentScripts(agent);
      await this.printer.page(output, { items, next: null }, AGENT_SCRIPT_VIEW, nothing);
    }
  }

  @Option({ flags: '-a, --agent <agent>', description: 'only of this agent (name or id), with its own limits' })
  readAgent(value: string): string {
    return value;
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh scripts list', 'scriptmesh scripts list -a db-1']);
  }
}
