import { Injectable, type OnModuleInit } from '@nestjs/common';
import { isMeshError, MeshError, type FromAgent, type Of } from '@scriptmesh/contracts';
import { LogFiles } from '@scriptmesh/log-files';
import { Logger } from '@scriptmesh/logging';
import { Clock } from '@scriptmesh/runtime';
import { OrchestratorMail, type Outgoing } from '../link/index.js';

/** Questions in work; more are turned away, so that reading never takes the disk from the scripts. */
const MAX_AT_ONCE = 4;
/** Below the time that an orchestrator waits for a list's answer. */
const ANSWER_WITHIN_MS = 2_000;
const MAX_WHY = 2_000;

/** Answers what the orchestrator asks of logs. A disk that hangs costs an answer, and nothing else. */
@Injectable()
export class LogsService implements OnModuleInit {
  #inWork = 0;

  constructor(
    private readonly files: LogFiles,
    private readonly mail: OrchestratorMail,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  onModuleInit(): void {
    this.mail.handle('listLogs', ({ requestId }) => this.#answer(requestId, () => this.#list(requestId)));
    this.mail.handle('readLog', (header) =>
      this.#answer(header.requestId, async () => {
        const { bytes, ...head } = await this.files.read(header);
        return { message: { kind: 'logPart', requestId: header.requestId, ...head }, bytes };
      }),
    );
  }

  async #list(requestId: string): Promise<Outgoing> {
    const report = await this.files.list();
    return { message: { kind: 'logs', requestId }, bytes: Buffer.from(JSON.stringify(report)) };
  }

  async #answer(requestId: string, work: () => Promise<Outgoing>): Promise<readonly Outgoing[]> {
    try {
      return [await this.#inTime(work)];
    } catch (error) {
      return [{ message: this.#toFault(requestId, error) }];
    }
  }

  /** What hangs is answered for, but counted until it has come to an end. */
  async #inTime(work: () => Promise<Outgoing>): Promise<Outgoing> {
    if (this.#inWork >= MAX_AT_ONCE) {
      throw new MeshError('agent/busy', `the agent answers ${MAX_AT_ONCE} other questions about logs`);
    }
    this.#inWork += 1;
    const working = work().finally(() => (this.#inWork -= 1));
    let late = (): void => {};
    const lateness = new Promise<never>((_, reject) => {
      late = () => reject(new MeshError('log/unreadable', `reading took more than ${ANSWER_WITHIN_MS} ms`));
    });
    const timer = this.clock.after(ANSWER_WITHIN_MS, () => late());
    try {
      return await Promise.race([working, lateness]);
    } finally {
      timer.stop();
      working.catch(() => undefined);
    }
  }

  #toFault(requestId: string, error: unknown): Of<FromAgent, 'logFault'> {
    if (isMeshError(error))
      return { kind: 'logFault', requestId, code: error.code, why: error.detail.slice(0, MAX_WHY) };
    this.log.warn('logs.unreadable', { error });
    const why = `the file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
    return { kind: 'logFault', requestId, code: 'log/unreadable', why };
  }
}
