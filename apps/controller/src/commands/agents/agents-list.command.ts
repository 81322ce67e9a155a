import { Help, SubCommand } from 'nest-commander';
import { ApiAccess } from '../../access/api-access.js';
import { examples } from '../../cli/examples.js';
import { Printer } from '../../output/printer.js';
import { ShowingCommand, type ShowingOptions } from '../../output/showing-command.js';
import { AGENT_VIEW } from './agent-view.js';

@SubCommand({ name: 'list', description: 'list all agents' })
export class AgentsListCommand extends ShowingCommand {
  constructor(
    private readonly access: ApiAccess,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run(_given: string[], { output }: ShowingOptions): Promise<void> {
    const items = await this.access.client().listAgents();
    await this.printer.page(
      output,
      { items, next: null },
      AGENT_VIEW,
      'No agent has registered yet: start one with "scriptmesh agent start".',
    );
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh agents list', 'scriptmesh agents list -o name']);
  }
}
