import { CommandRunner, Help, SubCommand } from 'nest-commander';
import { ApiAccess } from '../../access/api-access.js';
import { examples } from '../../cli/examples.js';
import { escapeLine } from '../../output/escape-controls.js';
import { Printer } from '../../output/printer.js';

@SubCommand({
  name: 'remove',
  arguments: '<agent>',
  argsDescription: { agent: 'name or id' },
  description: 'forget an agent; its key is worth nothing from then on',
})
export class AgentsRemoveCommand extends CommandRunner {
  constructor(
    private readonly access: ApiAccess,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run([agent = '']: string[]): Promise<void> {
    await this.access.client().removeAgent(agent);
    await this.printer.remark(`Removed ${escapeLine(agent)}.`);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh agents remove db-1']);
  }
}
