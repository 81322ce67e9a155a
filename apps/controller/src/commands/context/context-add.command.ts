import { CommandRunner, Help, SubCommand } from 'nest-commander';
import { UsageFault } from '../../cli/usage-fault.js';
import { examples } from '../../cli/examples.js';
import { GlobalFlags } from '../../access/global-flags.js';
import { CONTEXT_NAME, CONTEXT_NAME_RULE, putContext } from '../../contexts/context-book.js';
import { refuseTaken } from '../../contexts/context-fault.js';
import { readContextUrl } from '../../contexts/read-context-url.js';
import { Printer } from '../../output/printer.js';
import { ContextStore } from '../../ports/context-store.js';

@SubCommand({
  name: 'add',
  arguments: '<name>',
  argsDescription: { name: 'how you will call it' },
  description: 'keep the address of an orchestrator, given by --url, under a name',
})
export class ContextAddCommand extends CommandRunner {
  constructor(
    private readonly store: ContextStore,
    private readonly flags: GlobalFlags,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run([name = '']: string[]): Promise<void> {
    if (!CONTEXT_NAME.test(name)) throw new UsageFault(`"${name}" is no name`, `Names ${CONTEXT_NAME_RULE}.`);
    const url = readContextUrl(this.flags.value.url);
    const book = this.store.load();
    refuseTaken(book, name);
    const next = putContext(book, { name, url, apiKey: null });
    this.store.save(next);
    const use = next.current === name ? 'It is in use.' : `Use it with "scriptmesh context use ${name}".`;
    await this.printer.remark(`Added ${name} for ${url}. ${use} Store its key with "scriptmesh login".`);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh context add prod --url https://mesh.example.com']);
  }
}
