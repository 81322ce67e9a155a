import { copyFileSync, mkdirSync, mkdtempSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MeshError, type AgentId } from '@scriptmesh/contracts';
import { AgentKeyDigester, SecretBox } from '@scriptmesh/crypto';
import { openDatabase, type Database } from '@scriptmesh/database';
import { MovedClock } from '@scriptmesh/testing';
import { SpeakingAgent } from '../../apps/orchestrator/src/test-support/speaking-agent.js';
import type { ArrowSeen, CheckedState, RunSeen } from './check-history.js';

/** Memory where there is some: these tests write a great many small files. */
export const FAST_FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
export const FERNET_KEY = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=';

export interface EnrolledAgent {
  readonly id: AgentId;
  readonly name: string;
  readonly key: string;
  readonly url: string | null;
}

/** A migrated store with the agents in it, made once: each history begins with a copy. */
export class StoreTemplate {
  readonly folder = mkdtempSync(join(FAST_FOLDER, 'scriptmesh-histories-'));
  readonly file = join(this.folder, 'template.sqlite');

  async make(agents: readonly EnrolledAgent[]): Promise<this> {
    const clock = new MovedClock();
    const db = await openDatabase({ url: null, file: this.file, clock });
    const box = new SecretBox([FERNET_KEY], clock);
    const digester = new AgentKeyDigester(FERNET_KEY);
    for (const { id, key, name, url } of agents)
      await new SpeakingAgent(id, key).insertInto(db, box, digester, name, url);
    await db.close();
    return this;
  }
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** For what a program tries again by itself when the store did not answer. @throws anything else */
export function unlessUnavailable(error: unknown): undefined {
  if (error instanceof MeshError && error.code === 'store/unavailable') return undefined;
  throw error;
}

/** The database of one history, with its backup. */
export class WorldStore {
  db: Database;
  /** Writes that are being worked on. */
  working = 0;
  hasBackup = false;
  /** So many further commits are made without that anybody hears of it. */
  answersToLose = 0;
  readonly #file: string;

  constructor(
    private readonly folder: string,
    template: StoreTemplate,
  ) {
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, 'scriptmesh.sqlite');
    copyFileSync(template.file, this.#file);
  }

  async open(): Promise<void> {
    this.db = await openDatabase({ url: null, file: this.#file, clock: new MovedClock() });
    const write = this.db.write.bind(this.db);
    this.db.write = async (work) => {
      this.working += 1;
      try {
        const value = await write(work);
        if (this.answersToLose === 0) return value;
        this.answersToLose -= 1;
        throw new MeshError('store/unavailable', 'the connection broke before the answer to the commit came');
      } finally {
        this.working -= 1;
      }
    };
  }

  /** Close the store first: its file is then whole. */
  backUp(): void {
    copyFileSync(this.#file, join(this.folder, 'backup.sqlite'));
    this.hasBackup = true;
  }
  putBack(): void {
    for (const side of ['', '-wal', '-shm']) rmSync(`${this.#file}${side}`, { force: true });
    copyFileSync(join(this.folder, 'backup.sqlite'), this.#file);
  }

  async runs(
    withOutput: boolean,
  ): Promise<readonly (RunSeen & { readonly agentId: string; readonly journalId: string | null })[]> {
    const rows = await this.db.read.selectFrom('runs').selectAll().orderBy('id').execute();
    const output = withOutput ? await this.#output() : undefined;
    return rows.map((row) => ({
      id: row.id,
      agentId: row.agent_id,
      journalId: row.journal_id,
      state: row.state as CheckedState,
      executed: row.executed as RunSeen['executed'],
      truncated: row.truncated === 1,
      restored: row.restored === 1,
      exitCode: row.exit_code,
      ...(output
        ? { output: { stdout: output.get(`${row.id} stdout`) ?? '', stderr: output.get(`${row.id} stderr`) ?? '' } }
        : {}),
    }));
  }

  async arrows(): Promise<readonly ArrowSeen[]> {
    const rows = await this.db.read
      .selectFrom('audit')
      .select(['subject', 'detail'])
      .where('action', '=', 'run.transition')
      .orderBy('seq')
      .execute();
    return rows.map(({ subject, detail }) => ({ runId: subject, ...(JSON.parse(detail) as Omit<ArrowSeen, 'runId'>) }));
  }

  async #output(): Promise<ReadonlyMap<string, string>> {
    const rows = await this.db.read.selectFrom('run_output').selectAll().orderBy('start_offset').execute();
    const output = new Map<string, string>();
    for (const { run_id, stream, bytes } of rows) {
      const at = `${run_id} ${stream}`;
      output.set(at, (output.get(at) ?? '') + Buffer.from(bytes).toString('latin1'));
    }
    return output;
  }
}
