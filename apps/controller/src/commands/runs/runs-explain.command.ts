import { Help, SubCommand } from 'nest-commander';
import type { ExplanationResource } from '@scriptmesh/contracts';
import { ApiAccess } from '../../access/api-access.js';
import { examples } from '../../cli/examples.js';
import { escapeLine } from '../../output/escape-controls.js';
import { Printer } from '../../output/printer.js';
import { ShowingCommand, type ShowingOptions } from '../../output/showing-command.js';
import { Terminal } from '../../ports/terminal.js';

@SubCommand({
  name: 'explain',
  arguments: '<id>',
  argsDescription: { id: 'id of the run' },
  description: 'tell what became of a run, by which rule, and what to do',
})
export class RunsExplainCommand extends ShowingCommand {
  constructor(
    private readonly access: ApiAccess,
    private readonly printer: Printer,
    private readonly terminal: Terminal,
  ) {
    super();
  }

  override async run([id = '']: string[], { output }: ShowingOptions): Promise<void> {
    const told = await this.access.client().explainRun(id);
    if (output === 'table') await this.terminal.out(toText(told));
    else await this.printer.one(output, told, ({ run }) => run);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh runs explain ID', 'scriptmesh runs explain ID -o json']);
  }
}

const toText = ({ summary, rule, advice }: ExplanationResource): string =>
  `${escapeLine(summary)}\n  rule: ${escapeLine(rule)}\n  do:   ${escapeLine(advice)}\n`;
