import { Command, CommandRunner, Help } from 'nest-commander';
import { examples } from '../../cli/examples.js';
import { Printer } from '../../output/printer.js';
import { LoginTarget, withoutKey } from './login-target.js';

@Command({
  name: 'logout',
  description: 'forget the key of the current context, or of that of --context; the key itself stays valid',
})
export class LogoutCommand extends CommandRunner {
  constructor(
    private readonly target: LoginTarget,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run(): Promise<void> {
    const { name, apiKey } = this.target.get();
    if (apiKey === null) return this.printer.remark(`No key is kept in the context ${name}.`);
    this.target.change((book) => withoutKey(book, name));
    await this.printer.remark(`The key of the context ${name} is forgotten.`);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh logout', 'scriptmesh logout --context prod']);
  }
}
