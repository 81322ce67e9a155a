import { Command, CommandRunner, Help } from 'nest-commander';
import { ApiAccess } from '../../access/api-access.js';
import { KeyIntake } from '../../access/key-intake.js';
import { examples } from '../../cli/examples.js';
import { putContext } from '../../contexts/context-book.js';
import { EXIT } from '../../exit-code.js';
import { ExitStatus } from '../../exit-status.js';
import { Printer } from '../../output/printer.js';
import { PromptLeft } from '../../ports/keyboard.js';
import { LoginTarget } from './login-target.js';

@Command({
  name: 'login',
  description: 'check a key and keep it in the current context, or in that of --context',
})
export class LoginCommand extends CommandRunner {
  constructor(
    private readonly target: LoginTarget,
    private readonly keys: KeyIntake,
    private readonly access: ApiAccess,
    private readonly printer: Printer,
    private readonly exit: ExitStatus,
  ) {
    super();
  }

  override async run(): Promise<void> {
    const { name, url } = this.target.choose();
    try {
      const apiKey = await this.keys.read(`Key for ${url}: `);
      await this.access.open(url, apiKey).status();
      // Read again: the question may have stood for long.
      this.target.change((book) => putContext(book, { name, url, apiKey }));
      await this.printer.remark(`The key is good and kept in the context ${name} for ${url}.`);
    } catch (error) {
      if (!(error instanceof PromptLeft)) throw error;
      this.exit.code = error.by === 'interrupt' ? EXIT.interrupted : EXIT.usage;
    }
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh login', 'scriptmesh login --context prod', 'scriptmesh login < key-file']);
  }
}
