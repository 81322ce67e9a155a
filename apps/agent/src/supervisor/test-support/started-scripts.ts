import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessClock, type MonotonicClock } from '../clock.js';
import type { EventLog } from '../event-log.js';
import { FifoPipes } from '../fifo-pipes.js';
import { FifoPool } from '../fifo-pool.js';
import { PlainPipes } from '../plain-pipes.js';
import { RunHost } from '../run-host.js';
import type { EndRecord, StartOrder, Stream } from '../words.js';

export const SILENT_LOG: EventLog = { info() {}, warn() {}, error() {} };

/** A real host of runs with a temporary spool; `start` gives the run and waits for nothing. */
export class StartedScripts {
  readonly spool = mkdtempSync(join(tmpdir(), 'scriptmesh-host-'));
  readonly host: RunHost;
  readonly #pool: FifoPool | null;
  readonly #ends = new Map<string, EndRecord>();
  readonly #lengths = new Map<string, number>();
  #waiting: (() => void)[] = [];

  constructor(
    private readonly clock: MonotonicClock = new ProcessClock(),
    kind: 'named' | 'plain' = 'named',
  ) {
    this.#pool = kind === 'named' ? new FifoPool(join(this.spool, 'pipes'), SILENT_LOG) : null;
    this.host = this.#listenTo(this.newHost());
  }

  /** Another host on the same spool, as a new supervisor is one. */
  newHost(): RunHost {
    return new RunHost(this.clock, this.#pool ? new FifoPipes(this.#pool) : new PlainPipes(), SILENT_LOG);
  }

  order(argv: readonly string[], fields: Partial<StartOrder> = {}): StartOrder {
    // A run's processes are found, and killed, by its id: no other test may have one of the same.
    const runId = randomUUID();
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
    await this.host.start(order);
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

  /** Waits until the host has told of so many bytes, which shows that the script has come that far. */
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
    await this.host.stop();
    await this.#pool?.settle();
    rmSync(this.spool, { recursive: true, force: true });
  }

  #listenTo(host: RunHost): RunHost {
    host.onEnd = (runId, end) => {
      this.#ends.set(runId, end);
      this.#wakeAll();
    };
    host.onOutput = (runId, stream, length) => {
      this.#lengths.set(`${runId} ${stream}`, length);
      this.#wakeAll();
    };
    return host;
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
