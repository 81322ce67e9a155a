import { Help, SubCommand } from 'nest-commander';
import type { RunEventResource } from '@scriptmesh/contracts';
import { ApiAccess } from '../../access/api-access.js';
import { examples } from '../../cli/examples.js';
import { Printer } from '../../output/printer.js';
import { ShowingCommand, type ShowingOptions } from '../../output/showing-command.js';
import type { View } from '../../output/view.js';

const EVENT_VIEW: View<RunEventResource> = {
  nameOf: ({ seq }) => String(seq),
  columns: [
    { head: 'at', text: ({ at }) => at },
    { head: 'event', text: ({ event }) => event },
    { head: 'from', text: ({ from }) => from ?? '' },
    { head: 'to', text: ({ to }) => to ?? '' },
    { head: 'cause', text: ({ cause }) => cause ?? '' },
    { head: 'by', text: ({ principal }) => principal },
    { head: 'reason', text: ({ reason }) => reason ?? '' },
  ],
};

@SubCommand({
  name: 'events',
  arguments: '<id>',
  argsDescription: { id: 'id of the run' },
  description: 'list what happened to a run, the oldest first',
})
export class RunsEventsCommand extends ShowingCommand {
  constructor(
    private readonly access: ApiAccess,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run([id = '']: string[], { output }: ShowingOptions): Promise<void> {
    const items = await this.access.client().runEvents(id);
    await this.printer.page(output, { items, next: null }, EVENT_VIEW, 'No events.');
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh runs events ID', 'scriptmesh runs events ID -o ndjson']);
  }
}
