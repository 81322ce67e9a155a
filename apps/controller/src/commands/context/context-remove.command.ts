import { CommandRunner, Help, SubCommand } from 'nest-commander';
import { examples } from '../../cli/examples.js';
import { dropContext } from '../../contexts/context-book.js';
import { getContext } from '../../contexts/context-fault.js';
import { Printer } from '../../output/printer.js';
import { ContextStore } from '../../ports/context-store.js';

@SubCommand({
  name: 'remove',
  arguments: '<name>',
  argsDescription: { name: 'name of a context' },
  description: 'forget a context and its key; the orchestrator is not asked',
})
export class ContextRemoveCommand extends CommandRunner {
  constructor(
    private readonly store: ContextStore,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run([name = '']: string[]): Promise<void> {
    const book = this.store.load();
    getContext(book, name);
    this.store.save(dropContext(book, name));
    const none = book.current === name ? ' No context is in use now.' : '';
    await this.printer.remark(`Removed ${name}.${none}`);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh context remove prod']);
  }
}
