import { Help, SubCommand } from 'nest-commander';
import { ApiAccess } from '../../access/api-access.js';
import { examples } from '../../cli/examples.js';
import { Printer } from '../../output/printer.js';
import { ShowingCommand, type ShowingOptions } from '../../output/showing-command.js';
import { AGENT_VIEW } from './agent-view.js';

@SubCommand({
  name: 'show',
  arguments: '<agent>',
  argsDescription: { agent: 'name or id' },
  description: 'show one agent',
})
export class AgentsShowCommand extends ShowingCommand {
  constructor(
    private readonly access: ApiAccess,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run([agent = '']: string[], { output }: ShowingOptions): Promise<void> {
    await this.printer.one(output, await this.access.client().getAgent(agent), AGENT_VIEW.nameOf);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh agents show db-1', 'scriptmesh agents show db-1 -o json']);
  }
}
