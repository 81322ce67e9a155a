import { Help, Option, SubCommand } from 'nest-commander';
import type { LogEvent } from '@scriptmesh/api-client';
import { Clock } from '@scriptmesh/runtime';
import { ApiAccess } from '../../access/api-access.js';
import { examples } from '../../cli/examples.js';
import { readWholeNumber } from '../../cli/read-values.js';
import { EXIT } from '../../exit-code.js';
import { ExitStatus } from '../../exit-status.js';
import { escapeLine } from '../../output/escape-controls.js';
import { Printer } from '../../output/printer.js';
import { ScriptOutput } from '../../output/script-output.js';
import { ShowingCommand, type ShowingOptions } from '../../output/showing-command.js';
import { Interrupts } from '../../ports/interrupts.js';
import { Terminal } from '../../ports/terminal.js';
import { LOG_VIEW } from './log-view.js';
import { readMoment } from './read-moment.js';

interface AgentsLogsOptions extends ShowingOptions {
  readonly tail?: number;
  readonly file?: string;
  readonly since?: string;
  readonly until?: string;
  readonly follow?: boolean;
  readonly raw?: boolean;
}

@SubCommand({
  name: 'logs',
  arguments: '<agent> [log]',
  argsDescription: { agent: 'name or id', log: 'name of a log; without it the logs are listed' },
  description: "list an agent's logs, or print one",
})
export class AgentsLogsCommand extends ShowingCommand {
  // More than five: what a command that shows, follows and is interrupted needs of the outside world.
  constructor(
    private readonly access: ApiAccess,
    private readonly printer: Printer,
    private readonly terminal: Terminal,
    private readonly interrupts: Interrupts,
    private readonly exit: ExitStatus,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async run([agent = '', log]: string[], options: AgentsLogsOptions): Promise<void> {
    if (log === undefined) {
      const items = await this.access.client().agentLogs(agent);
      return this.printer.page(options.output, { items, next: null }, LOG_VIEW, 'No logs.');
    }
    await (options.follow === true ? this.#follow(agent, log, options) : this.#print(agent, log, options));
  }

  async #print(agent: string, log: string, { tail, file, since, until, raw = false }: AgentsLogsOptions) {
    const output = new ScriptOutput(this.terminal, 'stdout', raw);
    const parts = this.access.client().agentLog(agent, log, { tail, file, since, until });
    for await (const bytes of parts) await output.write(bytes);
    await output.end();
  }

  async #follow(agent: string, log: string, { tail, file, since, until, raw = false }: AgentsLogsOptions) {
    const watch = this.interrupts.watch();
    const output = new ScriptOutput(this.terminal, 'stdout', raw);
    try {
      const query = { tail, file, since, until };
      const events = this.access.client().followAgentLog(agent, log, { query, signal: watch.signal });
      for await (const event of events) await this.#show(event, output);
    } catch (error) {
      if (!watch.signal.aborted) throw error;
      this.exit.code = EXIT.interrupted;
    } finally {
      watch.stop();
    }
  }

  async #show(event: LogEvent, output: ScriptOutput): Promise<void> {
    if (event.kind === 'output') await output.write(event.bytes);
    else if (event.kind === 'gap') await this.printer.remark(`scriptmesh: ${event.why}`);
    else await this.printer.remark(`scriptmesh: waiting: ${escapeLine(event.why)}`);
  }

  @Option({ flags: '--tail <lines>', description: 'only the last lines' })
  readTail(value: string): number {
    return readWholeNumber(value, 0);
  }

  @Option({ flags: '-f, --follow', description: 'go on as the log grows' })
  readFollow(): boolean {
    return true;
  }

  @Option({ flags: '--since <time>', description: 'only lines from this time on, or from how long ago, as in 10m' })
  readSince(value: string): string {
    return readMoment(value, this.clock);
  }

  @Option({ flags: '--until <time>', description: 'only lines up to this time' })
  readUntil(value: string): string {
    return readMoment(value, this.clock);
  }

  @Option({ flags: '--file <name>', description: 'a file of the log; the newest without it' })
  readFile(value: string): string {
    return value;
  }

  @Option({ flags: '--raw', description: 'let control characters of the log reach the terminal' })
  readRaw(): boolean {
    return true;
  }

  @Help('before')
  examples(): string {
    return examples([
      'scriptmesh agents logs db-1',
      'scriptmesh agents logs db-1 scriptmesh-agent --tail 50',
      'scriptmesh agents logs db-1 app --since 10m -f',
    ]);
  }
}
