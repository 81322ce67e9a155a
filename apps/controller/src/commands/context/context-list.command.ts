import { Help, SubCommand } from 'nest-commander';
import { examples } from '../../cli/examples.js';
import { CONTEXT_VIEW, showContext } from '../../contexts/context-view.js';
import { Printer } from '../../output/printer.js';
import { ShowingCommand, type ShowingOptions } from '../../output/showing-command.js';
import { ContextStore } from '../../ports/context-store.js';

@SubCommand({ name: 'list', description: 'list all contexts; keys are never shown' })
export class ContextListCommand extends ShowingCommand {
  constructor(
    private readonly store: ContextStore,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run(_given: string[], { output }: ShowingOptions): Promise<void> {
    const book = this.store.load();
    const items = book.contexts.map((context) => showContext(context, book));
    const nothing = 'No contexts: make one with "scriptmesh context add NAME --url URL".';
    await this.printer.page(output, { items, next: null }, CONTEXT_VIEW, nothing);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh context list', 'scriptmesh context list -o name']);
  }
}
