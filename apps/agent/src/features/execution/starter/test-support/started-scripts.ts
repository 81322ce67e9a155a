import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunId, Stream } from '@scriptmesh/contracts';
import { Logger } from '@scriptmesh/logging';
import { SystemClock, type Clock } from '@scriptmesh/runtime';
import { CountedIds } from '@scriptmesh/testing';
import type { EndRecord } from '../../../journal/index.js';
import { ChildProcessStarter } from '../child-process-starter.js';
import type { StartOrder } from '../script-starter.js';

class SilentLogger extends Logger {
  override debug(): void {}
  override info(): void {}
  override warn(): void {}
  override error(): void {}
}

/** A real starter with a temporary spool; `start` gives the run and waits for nothing. */
export class StartedScripts {
  readonly spool = mkdtempSync(join(tmpdir(), 'scriptmesh-starter-'));
  readonly starter: ChildProcessStarter;
  readonly #ids = new CountedIds();
  readonly #ends = new Map<RunId, EndRecord>();
  readonly #lengths = new Map<string, number>();
  #waiting: (() => void)[] = [];

  constructor(clock: Clock = new SystemClock()) {
    this.starter = new ChildProcessStarter(clock, new SilentLogger());
    this.starter.onEnd((runId, end) => {
      this.#ends.set(runId, end);
      this.#wakeAll();
    });
    this.starter.onOutput((runId, stream, length) => {
      this.#lengths.set(`${runId} ${stream}`, length);
      this.#wakeAll();
    });
  }

  order(argv: readonly string[], fields: Partial<StartOrder> = {}): StartOrder {
    const runId = this.#ids.uuid() as RunId;
    const folder = join(this.spool, runId);
    mkdirSync(folder);
    const env = { PATH: '/usr/bin:/bin', SM_RUN_ID: runId };
    return {
      runId,
      folder,
      argv,
      cwd: this.spool,
      env,
      timeoutMs: 60_000,
      killGraceMs: 5_000,
      outputMaxBytes: 1_000_000,
      ...fields,
    };
  }

  /** Starts a text of the shell. */
  async start(text: string, fields: Partial<StartOrder> = {}): Promise<StartOrder> {
    const order = this.order(['/bin/sh', '-c', text], fields);
    await this.starter.start(order);
    return order;
  }

  async run(text: string, fields: Partial<StartOrder> = {}): Promise<{ order: StartOrder; end: EndRecord }> {
    const order = await this.start(text, fields);
    return { order, end: await this.ended(order) };
  }

  async ended(order: StartOrder): Promise<EndRecord> {
    await this.#until(() => this.#ends.has(order.runId));
    return this.#ends.get(order.runId) as EndRecord;
  }

  /** Waits until the starter has told of so many bytes, which shows that the script has come that far. */
  async wrote(order: StartOrder, length: number, stream: Stream = 'stdout'): Promise<void> {
    await this.#until(() => (this.#lengths.get(`${order.runId} ${stream}`) ?? 0) >= length);
  }

  told(order: StartOrder, stream: Stream = 'stdout'): number | undefined {
    return this.#lengths.get(`${order.runId} ${stream}`);
  }

  output(order: StartOrder, stream: Stream = 'stdout'): string {
    return readFileSync(join(order.folder, stream), 'utf8');
  }

  record(order: StartOrder, name: 'pid' | 'end'): unknown {
    return JSON.parse(readFileSync(join(order.folder, name), 'utf8'));
  }

  async remove(): Promise<void> {
    await this.starter.stop();
    rmSync(this.spool, { recursive: true, force: true });
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
