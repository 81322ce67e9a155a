import { Command, Help } from 'nest-commander';
import { CommandFailed } from '../../cli/command-failed.js';
import { examples } from '../../cli/examples.js';
import { UsageFault } from '../../cli/usage-fault.js';
import { EXIT } from '../../exit-code.js';
import { toJson } from '../../output/json.js';
import { Printer } from '../../output/printer.js';
import { ShowingCommand, type ShowingOptions } from '../../output/showing-command.js';
import { ManifestSchema } from '../../ports/manifest-schema.js';
import { Terminal } from '../../ports/terminal.js';
import { FIELD_VIEW, fieldText } from './field-view.js';
import { fieldsOf, type ManifestField, nearestPaths, toPath } from './manifest-fields.js';

@Command({
  name: 'explain',
  arguments: '[field]',
  argsDescription: { field: 'as in scripts.timeoutSeconds; without it all are listed' },
  description: "what a field of the agents' script manifest means",
})
export class ExplainCommand extends ShowingCommand {
  constructor(
    private readonly manifest: ManifestSchema,
    private readonly printer: Printer,
    private readonly terminal: Terminal,
  ) {
    super();
  }

  override async run([asked]: string[], { output }: ShowingOptions): Promise<void> {
    const schema = this.manifest.read();
    const fields = fieldsOf(schema);
    if (asked === undefined) {
      if (output === 'json') await this.terminal.out(`${toJson(schema, 2)}\n`);
      else await this.printer.page(output, { items: fields, next: null }, FIELD_VIEW, 'The manifest has no fields.');
      return;
    }
    const field = fields.find(({ path }) => path === toPath(asked));
    if (field === undefined) throw new CommandFailed(unknownField(asked, fields), EXIT.notFound);
    const inside = fieldsOf(field.schema, field.path).map(({ path }) => path);
    if (output === 'table') await this.terminal.out(fieldText(field, inside));
    else await this.printer.one(output, field.schema, () => field.path);
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh explain', 'scriptmesh explain scripts.timeoutSeconds']);
  }
}

function unknownField(asked: string, fields: readonly ManifestField[]): UsageFault {
  const near = nearestPaths(
    asked,
    fields.map(({ path }) => path),
  );
  const meant = near.length === 0 ? '' : `Perhaps ${near.join(' or ')} was meant. `;
  return new UsageFault(`the manifest has no field "${asked}"`, `${meant}"scriptmesh explain" lists all fields.`);
}
