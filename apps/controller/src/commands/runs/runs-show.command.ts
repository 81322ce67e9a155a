import { Help, SubCommand } from 'nest-commander';
import { ApiAccess } from '../../access/api-access.js';
import { examples } from '../../cli/examples.js';
import { Printer } from '../../output/printer.js';
import { ShowingCommand, type ShowingOptions } from '../../output/showing-command.js';
import { RUN_VIEW } from './run-view.js';

@SubCommand({ name: 'show', arguments: '<id>', argsDescription: { id: 'id of the run' }, description: 'show one run' })
export class RunsShowCommand extends ShowingCommand {
  constructor(
    private readonly access: ApiAccess,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run([id = '']: string[], { output }: ShowingOptions): Promise<void> {
    await this.printer.one(output, await this.access.client().getRun(id), RUN_VIEW.nameOf);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh runs show ID', 'scriptmesh runs show ID -o json']);
  }
}
