import { CommandRunner, Help, SubCommand } from 'nest-commander';
import { examples } from '../../cli/examples.js';
import { getContext } from '../../contexts/context-fault.js';
import { Printer } from '../../output/printer.js';
import { ContextStore } from '../../ports/context-store.js';

@SubCommand({
  name: 'use',
  arguments: '<name>',
  argsDescription: { name: 'name of a context' },
  description: 'ask the orchestrator of this context from now on',
})
export class ContextUseCommand extends CommandRunner {
  constructor(
    private readonly store: ContextStore,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run([name = '']: string[]): Promise<void> {
    const book = this.store.load();
    const { url } = getContext(book, name);
    this.store.save({ ...book, current: name });
    await this.printer.remark(`Commands ask ${url} (${name}) from now on.`);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh context use prod']);
  }
}
