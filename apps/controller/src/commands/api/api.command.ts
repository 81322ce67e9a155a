import { Command, CommandRunner, Help, Option } from 'nest-commander';
import { ApiAccess } from '../../access/api-access.js';
import { examples } from '../../cli/examples.js';
import { Printer } from '../../output/printer.js';
import { AnswerPrinter } from './answer-printer.js';
import { readBody } from './read-body.js';
import { readHeader, readMethod, readPath } from './read-call.js';
import { BodySource } from './body-source.js';

interface ApiOptions {
  readonly data?: string;
  readonly header?: ReadonlyMap<string, string>;
  readonly raw?: boolean;
}

const KEY_HEADERS = ['x-api-key', 'authorization'];

@Command({
  name: 'api',
  arguments: '<method> <path>',
  argsDescription: {
    method: 'GET, POST, PUT, PATCH, DELETE or HEAD',
    path: 'begins with /; see /docs of the orchestrator',
  },
  description: 'call the API with the key in use and print what it answers',
})
export class ApiCommand extends CommandRunner {
  constructor(
    private readonly access: ApiAccess,
    private readonly source: BodySource,
    private readonly answers: AnswerPrinter,
    private readonly printer: Printer,
  ) {
    super();
  }

  override async run([methodWord = '', pathWord = '']: string[], options: ApiOptions): Promise<void> {
    const { data, header = new Map<string, string>(), raw = false } = options;
    const method = readMethod(methodWord);
    const path = readPath(pathWord);
    const headers = Object.fromEntries(header);
    if (KEY_HEADERS.some((name) => header.has(name))) {
      await this.printer.remark(
        'scriptmesh: warning: a key on the command line can be read by every user of this machine',
      );
    }
    const body = data === undefined ? undefined : await readBody(data, this.source, header.has('content-type'));
    const request = { method, path, headers, ...(body === undefined ? {} : { body }) };
    await this.answers.print(await this.access.client().raw(request), raw);
  }

  @Option({ flags: '-d, --data <json>', description: 'the body: JSON, @FILE, or - for stdin' })
  readData(value: string): string {
    return value;
  }

  @Option({ flags: '-H, --header <name:value>', description: 'a header; may be given several times' })
  readHeader(value: string, before?: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    return readHeader(value, before);
  }

  @Option({ flags: '--raw', description: 'let control characters of the answer reach the terminal' })
  readRaw(): boolean {
    return true;
  }

  @Help('before')
  examples(): string {
    return examples([
      'scriptmesh api GET /api/v1/runs?limit=1',
      `scriptmesh api POST /api/v1/runs -d '{"agent":"db-1","script":"hello_world","params":{}}' -H 'prefer: wait=30'`,
      'scriptmesh api POST /api/v1/runs -d @run.json',
    ]);
  }
}
