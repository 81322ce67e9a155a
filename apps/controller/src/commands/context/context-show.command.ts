import { Help, SubCommand } from 'nest-commander';
import { GlobalFlags } from '../../access/global-flags.js';
import { examples } from '../../cli/examples.js';
import { getContext } from '../../contexts/context-fault.js';
import { CONTEXT_VIEW, showContext } from '../../contexts/context-view.js';
import { Printer } from '../../output/printer.js';
import { ShowingCommand, type ShowingOptions } from '../../output/showing-command.js';
import { ContextStore } from '../../ports/context-store.js';

@SubCommand({
  name: 'show',
  arguments: '[name]',
  argsDescription: { name: 'name of a context; without it the current one' },
  description: 'show one context; its key is never shown',
})
export class ContextShowCommand extends ShowingCommand {
  constructor(
    private readonly store: ContextStore,
    private readonly flags: GlobalFlags,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run([name]: string[], { output }: ShowingOptions): Promise<void> {
    const book = this.store.load();
    const context = getContext(book, name ?? this.flags.value.context ?? book.current);
    await this.printer.one(output, showContext(context, book), CONTEXT_VIEW.nameOf);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh context show', 'scriptmesh context show prod -o json']);
  }
}
