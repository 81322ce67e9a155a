import type { KillReason, RunId, Stream } from '@scriptmesh/contracts';
import { failpoint } from '@scriptmesh/failpoints';
import type { Logger } from '@scriptmesh/logging';
import type { Clock, Timer } from '@scriptmesh/runtime';
import { writeEndRecord, type FromSupervisor } from '../../../supervisor/index.js';
import type { EndRecord } from '../../journal/index.js';
import { ScriptStarter, type ResumeAnswer, type RunLimits, type StartOrder } from './script-starter.js';
import type { SupervisorLink, Welcome } from './supervisor-link.js';

type Link = Pick<SupervisorLink, 'begin' | 'close' | 'isUp' | 'send' | 'onWelcome' | 'onMessage' | 'onLost'>;

/** How long a start waits for a supervisor before the run ends as one that could not be started. */
const WAIT_FOR_SUPERVISOR_MS = 30_000;

type Said<K extends FromSupervisor['kind']> = Extract<FromSupervisor, { kind: K }>;
interface Asked<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}
interface Start extends Asked<void> {
  readonly order: StartOrder;
  isSent: boolean;
  readonly patience: Timer;
}

/**
 * Hands starts to the supervisor, each on one connection and never again: a start without an answer is not known to
 * have happened, nor not to have. What was never sent was never started.
 */
export class SupervisorStarter extends ScriptStarter {
  readonly #starts = new Map<RunId, Start>();
  readonly #resumes = new Map<RunId, Asked<ResumeAnswer>>();
  readonly #running = new Set<RunId>();
  /** Runs that are to be killed, until their ends are on record: the wish outlives a connection. */
  readonly #killWishes = new Map<RunId, KillReason>();
  readonly #outputListeners: ((runId: RunId, stream: Stream, length: number) => void)[] = [];
  readonly #endListeners: ((runId: RunId, end: EndRecord) => void)[] = [];
  readonly #sightListeners: ((runId: RunId) => void)[] = [];
  #isOutdated = false;
  /** Between asking an outdated supervisor to go and its answer nothing is sent. */
  #isRetiring = false;
  #isClosed = false;
  readonly #takers: { readonly [K in FromSupervisor['kind']]?: (message: Said<K>) => void } = {
    output: ({ runId, stream, length }) =>
      this.#outputListeners.forEach((tell) => tell(runId as RunId, stream, length)),
    ended: ({ runId, end }) => this.#end(runId as RunId, end),
    started: ({ runId }) => this.#noteStart(runId as RunId),
    notStarted: ({ runId, why }) => this.#takeStart(runId as RunId)?.reject(new Error(why)),
    running: (answer) => this.#answerResume(answer),
    gone: (answer) => this.#answerResume(answer),
    notResumed: (answer) => this.#answerResume(answer),
    staying: () => this.#stay(),
  };

  constructor(
    private readonly link: Link,
    private readonly version: string,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {
    super();
    link.onWelcome = (welcome) => this.#goOn(welcome);
    link.onMessage = (message) => this.#receive(message);
    link.onLost = () => this.#loseSight();
  }

  override begin(): void {
    this.link.begin();
  }

  override start(order: StartOrder): Promise<void> {
    const { runId } = order;
    if (this.isRunning(runId)) return Promise.reject(new Error(`run ${runId} was handed over for a start twice`));
    return new Promise((resolve, reject) => {
      const patience = this.clock.after(
        WAIT_FOR_SUPERVISOR_MS,
        () => void this.#giveUp(runId, 'no supervisor could be started or reached; see the log of the agent'),
      );
      const start = { order, resolve, reject, isSent: false, patience };
      this.#starts.set(runId, start);
      if (this.#isClosed) void this.#giveUp(runId, 'the agent is stopping');
      else if (this.#isOpen()) this.#send(start);
    });
  }

  override resume(limits: RunLimits): Promise<ResumeAnswer> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen()) return reject(new Error('there is no connection to the supervisor'));
      this.#resumes.set(limits.runId, { resolve, reject });
      this.link.send({ kind: 'resume', limits });
    });
  }

  override kill(runId: RunId, why: KillReason): void {
    if (this.#killWishes.has(runId)) return;
    this.#killWishes.set(runId, why);
    if (this.#running.has(runId) || this.#starts.get(runId)?.isSent) this.#sendKill(runId);
  }

  override isRunning(runId: RunId): boolean {
    return this.#running.has(runId) || this.#starts.has(runId);
  }

  override onOutput(listener: (runId: RunId, stream: Stream, length: number) => void): void {
    this.#outputListeners.push(listener);
  }
  override onEnd(listener: (runId: RunId, end: EndRecord) => void): void {
    this.#endListeners.push(listener);
  }
  override onOutOfSight(listener: (runId: RunId) => void): void {
    this.#sightListeners.push(listener);
  }

  override async close(): Promise<void> {
    this.#isClosed = true;
    const unsent = [...this.#starts.values()].filter(({ isSent }) => !isSent);
    await Promise.all(unsent.map(({ order }) => this.#giveUp(order.runId, 'the agent is stopping')));
    await this.link.close();
  }

  #isOpen(): boolean {
    return this.link.isUp && !this.#isRetiring && !this.#isClosed;
  }

  #goOn(welcome: Welcome): void {
    this.#isRetiring = false;
    this.#isOutdated = welcome.version !== this.version;
    this.log.info('supervisor.reached', { version: welcome.version, running: welcome.running });
    if (this.#isOutdated && welcome.running === 0) return this.#retire();
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    for (const start of this.#starts.values()) if (!start.isSent) this.#send(start);
  }

  #send(start: Start): void {
    const { runId } = start.order;
    start.isSent = true;
    start.patience.stop();
    this.link.send({ kind: 'start', order: start.order });
    failpoint('execution.handed-over');
    this.#sendKill(runId);
  }

  #sendKill(runId: RunId): void {
    const why = this.#killWishes.get(runId);
    if (why) this.link.send({ kind: 'kill', runId, why });
  }

  #retire(): void {
    this.#isRetiring = true;
    this.link.send({ kind: 'retire' });
  }

  #receive(message: FromSupervisor): void {
    const take = this.#takers[message.kind] as ((message: FromSupervisor) => void) | undefined;
    take?.(message);
  }

  #stay(): void {
    this.#isRetiring = false;
    this.#sendWaiting();
  }

  #answerResume(message: Said<'running' | 'gone' | 'notResumed'>): void {
    const runId = message.runId as RunId;
    const asked = this.#resumes.get(runId);
    this.#resumes.delete(runId);
    if (!asked) return;
    if (message.kind === 'notResumed') return asked.reject(new Error(message.why));
    if (message.kind === 'gone') {
      this.#killWishes.delete(runId);
      const { started, isOfThisBoot } = message;
      return asked.resolve({ kind: 'gone', started, isOfThisBoot });
    }
    this.#running.add(runId);
    this.#sendKill(runId);
    asked.resolve({ kind: 'running' });
    const { lengths } = message;
    for (const tell of this.#outputListeners) {
      tell(runId, 'stdout', lengths.stdout);
      tell(runId, 'stderr', lengths.stderr);
    }
  }

  /** A script that has ended already, before the answer to its start was made, is not running. */
  #noteStart(runId: RunId): void {
    const start = this.#takeStart(runId);
    if (start) this.#running.add(runId);
    start?.resolve();
  }

  #takeStart(runId: RunId): Start | undefined {
    const start = this.#starts.get(runId);
    this.#starts.delete(runId);
    start?.patience.stop();
    return start;
  }

  #end(runId: RunId, end: EndRecord): void {
    this.#running.delete(runId);
    this.#killWishes.delete(runId);
    this.#takeStart(runId)?.resolve();
    this.#resumes.get(runId)?.resolve({ kind: 'gone', started: true, isOfThisBoot: true });
    this.#resumes.delete(runId);
    for (const tell of this.#endListeners) tell(runId, end);
    if (this.#isOutdated && this.#isOpen() && this.#running.size === 0 && this.#starts.size === 0) this.#retire();
  }

  /** Only for a start that was not sent: nobody else will ever do it. */
  async #giveUp(runId: RunId, why: string): Promise<void> {
    const start = this.#starts.get(runId);
    if (!start || start.isSent) return;
    this.#takeStart(runId);
    const end = { kind: 'spawnFailed', code: 'run/start-failed', why } as const;
    try {
      await writeEndRecord(start.order.folder, end);
    } catch (error) {
      return start.reject(error as Error);
    }
    this.#end(runId, end);
    start.resolve();
  }

  #loseSight(): void {
    this.#isRetiring = false;
    const lost = new Error('the connection to the supervisor broke');
    for (const [runId, start] of this.#starts) if (start.isSent) this.#takeStart(runId)?.reject(lost);
    for (const { reject } of this.#resumes.values()) reject(lost);
    this.#resumes.clear();
    const running = [...this.#running];
    this.#running.clear();
    for (const runId of running) for (const tell of this.#sightListeners) tell(runId);
  }
}
