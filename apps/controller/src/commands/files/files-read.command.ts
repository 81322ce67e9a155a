import type { AskedBytes } from '@scriptmesh/api-client';
import { CommandRunner, Help, Option, SubCommand } from 'nest-commander';
import { ApiAccess } from '../../access/api-access.js';
import { examples } from '../../cli/examples.js';
import { ScriptOutput } from '../../output/script-output.js';
import { Terminal } from '../../ports/terminal.js';
import { readRange } from './read-range.js';

interface FilesReadOptions {
  readonly range?: AskedBytes;
  readonly raw?: boolean;
}

@SubCommand({
  name: 'read',
  arguments: '<path>',
  argsDescription: { path: 'the file, from the data folder down' },
  description: 'write the bytes of a file to stdout',
})
export class FilesReadCommand extends CommandRunner {
  constructor(
    private readonly access: ApiAccess,
    private readonly terminal: Terminal,
  ) {
    super();
  }

  override async run([path = '']: string[], { range, raw = false }: FilesReadOptions): Promise<void> {
    const output = new ScriptOutput(this.terminal, 'stdout', raw);
    for await (const bytes of this.access.client().readFile(path, range)) await output.write(bytes);
    await output.end();
  }

  @Option({ flags: '--range <range>', description: 'only the bytes FROM-TO, FROM- (to the end) or -COUNT (the last)' })
  readRange(value: string): AskedBytes {
    return readRange(value);
  }

  @Option({ flags: '--raw', description: 'let control characters of the file reach the terminal' })
  readRaw(): boolean {
    return true;
  }

  @Help('before')
  examples(): string {
    return examples([
      'scriptmesh files read reports/today.csv > today.csv',
      'scriptmesh files read app.log --range -1000',
      'scriptmesh files read app.log --range 0-99',
    ]);
  }
}
