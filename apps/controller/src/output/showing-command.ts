import { CommandRunner, Option } from 'nest-commander';
import { OUTPUT_FORMATS, type OutputFormat, readFormat } from './output-format.js';

export interface ShowingOptions {
  readonly output: OutputFormat;
}

/** A command that shows things: it takes `-o`. */
export abstract class ShowingCommand extends CommandRunner {
  @Option({
    flags: '-o, --output <format>',
    description: 'how to show it',
    choices: [...OUTPUT_FORMATS],
    defaultValue: 'table',
  })
  readOutput(value: string): OutputFormat {
    return readFormat(value);
  }
}
