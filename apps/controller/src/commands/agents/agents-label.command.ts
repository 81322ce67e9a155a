import { Help, SubCommand } from 'nest-commander';
import { ApiAccess } from '../../access/api-access.js';
import { examples } from '../../cli/examples.js';
import { Printer } from '../../output/printer.js';
import { ShowingCommand, type ShowingOptions } from '../../output/showing-command.js';
import { AGENT_VIEW } from './agent-view.js';
import { readLabels } from './read-labels.js';

@SubCommand({
  name: 'label',
  arguments: '<agent> <changes...>',
  argsDescription: { agent: 'name or id', changes: 'name=value sets a label, name- takes it away' },
  description: "change an agent's labels",
})
export class AgentsLabelCommand extends ShowingCommand {
  constructor(
    private readonly access: ApiAccess,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run([agent = '', ...changes]: string[], { output }: ShowingOptions): Promise<void> {
    const labels = readLabels(changes);
    await this.printer.one(output, await this.access.client().labelAgent(agent, labels), AGENT_VIEW.nameOf);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh agents label db-1 role=db zone=eu', 'scriptmesh agents label db-1 zone-']);
  }
}
