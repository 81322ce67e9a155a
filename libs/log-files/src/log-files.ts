import {
  isMeshError,
  MeshError,
  type LogAsk,
  type LogPart,
  type LogReport,
  type LogResource,
} from '@scriptmesh/contracts';
import { isNameOf, listFiles } from './list-files.js';
import type { LogSource } from './log-source.js';
import { openLog } from './open-log.js';
import { readPart } from './read-part.js';

/** Of one list, over all logs. */
const MAX_FILES_TOLD = 1000;

export interface LogSources {
  readonly sources: ReadonlyMap<string, LogSource>;
  /** What is wrong with where the sources come from. */
  readonly faults: readonly string[];
}

/** The logs of one program. What is not among its sources does not exist. */
export class LogFiles {
  /** @param secretFolders absolute paths; nothing in them is ever shown, whatever the sources say */
  constructor(
    private readonly getSources: () => Promise<LogSources>,
    private readonly secretFolders: readonly string[],
  ) {}

  async list(): Promise<LogReport> {
    const { sources, faults } = await this.getSources();
    const logs: LogResource[] = [];
    let room = MAX_FILES_TOLD;
    for (const source of sources.values()) {
      const log = await this.#describe(source, room);
      room -= log.files.length;
      logs.push(log);
    }
    return { logs, faults };
  }

  /** @throws MeshError log/not-found, log/unreadable */
  async read(ask: LogAsk): Promise<LogPart> {
    const { sources, faults } = await this.getSources();
    const source = sources.get(ask.log);
    if (!source) throw notListed(ask.log, faults);
    const file = ask.file ?? (await this.#newestOf(source));
    if (!isNameOf(source, file)) {
      throw new MeshError('log/not-found', `the log ${source.name} has no file ${JSON.stringify(file.slice(0, 80))}`);
    }
    const log = await openLog(source, file, this.secretFolders);
    try {
      return await readPart(log, file, ask, source.maxBytes);
    } finally {
      await log.handle.close();
    }
  }

  async #newestOf(source: LogSource): Promise<string> {
    const { files } = await listFiles(source, this.secretFolders);
    // A single file that is no regular one is refused with its reason when it is opened.
    const file = files[0]?.name ?? source.pattern;
    if (isNameOf(source, file)) return file;
    throw new MeshError('log/not-found', `the log ${source.name} has no file yet`);
  }

  async #describe(source: LogSource, room: number): Promise<LogResource> {
    const { name, description, maxBytes } = source;
    try {
      const { files, isCut } = await listFiles(source, this.secretFolders);
      const shown = files.slice(0, room);
      const problem = isCut || shown.length < files.length ? 'there are more files than are listed' : null;
      return { name, description, maxBytes, files: shown, problem: files.length === 0 ? 'has no file yet' : problem };
    } catch (error) {
      const problem = isMeshError(error) ? error.detail : 'its folder cannot be read';
      return { name, description, maxBytes, files: [], problem };
    }
  }
}

function notListed(log: string, faults: readonly string[]): MeshError {
  const fault = faults.length === 0 ? '' : `; its list of logs has faults: ${faults.join('; ').slice(0, 500)}`;
  return new MeshError('log/not-found', `no log is called ${JSON.stringify(log.slice(0, 128))} there${fault}`);
}
