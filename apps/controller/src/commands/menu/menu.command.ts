import { Command, CommandRunner, Help } from 'nest-commander';
import { GlobalFlags } from '../../access/global-flags.js';
import { examples } from '../../cli/examples.js';
import { EXIT } from '../../exit-code.js';
import { ExitStatus } from '../../exit-status.js';
import { PromptLeft } from '../../ports/keyboard.js';
import { flagWords } from './flag-words.js';
import { MenuDesk } from './menu-desk.js';
import { MenuItems } from './menu-items.js';

const LEAVING = ['0', 'q', 'quit', 'exit'];

@Command({ name: 'menu', description: 'choose from a menu; the same as scriptmesh alone on a terminal' })
export class MenuCommand extends CommandRunner {
  constructor(
    private readonly items: MenuItems,
    private readonly desk: MenuDesk,
    private readonly flags: GlobalFlags,
    private readonly exit: ExitStatus,
  ) {
    super();
  }

  override async run(): Promise<void> {
    this.desk.requireTerminal();
    try {
      for (;;) {
        const choice = await this.desk.askChoice(this.items.all);
        if (LEAVING.includes(choice)) return;
        await this.#serve(choice);
      }
    } catch (error) {
      if (!(error instanceof PromptLeft)) throw error;
      this.exit.code = error.by === 'interrupt' ? EXIT.interrupted : EXIT.ok;
    }
  }

  async #serve(choice: string): Promise<void> {
    const item = this.items.all.find(({ key, title }) => key === choice || title === choice);
    if (item === undefined) return choice === '' ? undefined : this.desk.refuse(choice);
    const words = await this.desk.attempt(item.words);
    if (words !== null) await this.desk.runCommand([...flagWords(this.flags.value), ...words]);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh menu', 'scriptmesh menu --context prod']);
  }
}
