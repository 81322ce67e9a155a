import { Help, SubCommand } from 'nest-commander';
import { ApiAccess } from '../../access/api-access.js';
import { examples } from '../../cli/examples.js';
import { Printer } from '../../output/printer.js';
import { ShowingCommand, type ShowingOptions } from '../../output/showing-command.js';
import { FILE_VIEW } from './file-view.js';

@SubCommand({
  name: 'list',
  arguments: '[path]',
  argsDescription: { path: 'the folder; the data folder itself when left out' },
  description: 'list a folder of the data folder',
})
export class FilesListCommand extends ShowingCommand {
  constructor(
    private readonly access: ApiAccess,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run([path = '']: string[], { output }: ShowingOptions): Promise<void> {
    const items = await this.access.client().listFiles(path);
    await this.printer.page(output, { items, next: null }, FILE_VIEW, 'No files there.');
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh files list', 'scriptmesh files list reports -o json']);
  }
}
