import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { MeshError, type LogAsk, type LogPart, type LogReport } from '@scriptmesh/contracts';
import { LogFiles, type LogSource as LogPlace } from '@scriptmesh/log-files';
import { AgentDirectory, type Agent } from '../registry/index.js';
import { parseLogReport } from './domain/parse-log-report.js';
import { LogRequests } from './log-requests.js';
import type { LogSource } from './log-source.js';

const OWN_LOG_BYTES = 64 * 1024 * 1024;

/** Finds whose logs are meant. */
@Injectable()
export class LogSources {
  readonly own: LogSource;

  constructor(
    settings: OrchestratorSettings,
    private readonly agents: AgentDirectory,
    private readonly requests: LogRequests,
  ) {
    this.own = new OwnLogs(settings.home);
  }

  /** @throws MeshError agent/not-found */
  async ofAgent(nameOrId: string): Promise<LogSource> {
    return new AgentLogs(await this.agents.getAgent(nameOrId), this.requests);
  }
}

class OwnLogs implements LogSource {
  readonly label = 'the orchestrator';
  readonly #files: LogFiles;

  constructor(home: string) {
    const own: LogPlace = {
      name: 'scriptmesh-orchestrator',
      description: 'What the orchestrator does and what goes wrong.',
      root: home,
      folders: ['logs'],
      pattern: 'ScriptMesh-orchestrator*.log',
      maxBytes: OWN_LOG_BYTES,
    };
    const sources = { sources: new Map([[own.name, own]]), faults: [] };
    this.#files = new LogFiles(() => Promise.resolve(sources), [join(home, 'cfg'), join(home, 'spool')]);
  }

  list(): Promise<LogReport> {
    return this.#files.list();
  }
  read(ask: LogAsk): Promise<LogPart> {
    return this.#files.read(ask);
  }
}

class AgentLogs implements LogSource {
  readonly label: string;

  constructor(
    private readonly agent: Agent,
    private readonly requests: LogRequests,
  ) {
    this.label = `the agent ${agent.name}`;
  }

  async list(): Promise<LogReport> {
    const { bytes } = await this.requests.ask(this.agent, { kind: 'listLogs' });
    const report = parseLogReport(bytes);
    if (!report) throw new MeshError('agent/bad-answer', `${this.label} sent a list of logs that cannot be read`);
    return report;
  }

  async read(ask: LogAsk): Promise<LogPart> {
    const { header, bytes } = await this.requests.ask(this.agent, { kind: 'readLog', ...ask });
    if (header.kind !== 'logPart') throw new MeshError('agent/bad-answer', `${this.label} sent no part of a log`);
    const { file, fileId, offset, nextOffset, size, keeping, changed } = header;
    return { file, fileId, offset, nextOffset, size, keeping, changed, bytes };
  }
}
