import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KillReason, RunId, Stream } from '@scriptmesh/contracts';
import {
  ScriptStarter,
  type ResumeAnswer,
  type RunLimits,
  type StartOrder,
} from '../../apps/agent/src/features/execution/starter/script-starter.js';
import type { EndRecord } from '../../apps/agent/src/features/journal/index.js';
import type { Chance } from './chance.js';
import type { HistoryChecker } from './check-history.js';
import type { Life } from './life.js';

interface Script {
  readonly order: StartOrder;
  /** The supervisor that saw it start is gone: nobody will see its exit code. */
  isOrphan: boolean;
  killedBy: KillReason | null;
}

/** The scripts of one node and who looks after them. They live through crashes of the agent, not through a reboot. */
export class ScriptHost {
  readonly scripts = new Map<RunId, Script>();
  readonly #orders = new Set<RunId>();
  readonly #startsOnRecord = new Set<RunId>();
  #starter: HostStarter | undefined;
  isListed: (script: string) => boolean = () => true;

  constructor(
    readonly chance: Chance,
    readonly checker: HistoryChecker,
    readonly fail: (error: unknown) => void,
    readonly hasFaults: () => boolean,
  ) {}

  starterFor(life: Life): ScriptStarter {
    this.#starter = new HostStarter(this, life);
    return this.#starter;
  }

  start(order: StartOrder): void {
    const { runId } = order;
    this.#orders.add(runId);
    if (this.hasFaults() && this.chance.is(0.06))
      return this.#end(order, { kind: 'spawnFailed', code: 'script/not-runnable', why: 'a test' });
    const isCut = this.hasFaults() && this.chance.is(0.1);
    if (isCut) this.truthOf(runId).causes.add('the way to the supervisor broke at the start');
    if (isCut && this.chance.is(0.5)) throw new Error('the connection broke before the start');
    this.#spawn(order);
    if (!isCut || this.chance.is(0.5)) this.#startsOnRecord.add(runId);
    if (isCut) throw new Error('the connection broke after the start');
  }

  write(runId: RunId, stream: Stream, text: string): void {
    const script = this.scripts.get(runId);
    if (!script) return;
    this.truthOf(runId).wrote[stream] += text;
    const file = join(script.order.folder, stream);
    if (!existsSync(script.order.folder)) return;
    appendFileSync(file, text);
    this.#starter?.tellOutput(runId, stream, readFileSync(file).length);
  }

  exit(runId: RunId, code: number): void {
    const script = this.scripts.get(runId);
    if (!script) return;
    this.scripts.delete(runId);
    this.truthOf(runId).exit = { code, signal: null };
    const { order, isOrphan, killedBy } = script;
    if (isOrphan) {
      const why = 'its supervisor ended while it ran';
      return this.#end(order, { kind: 'lost', started: true, cause: 'supervisor-ended', why });
    }
    const read = (stream: Stream): Buffer =>
      existsSync(join(order.folder, stream)) ? readFileSync(join(order.folder, stream)) : Buffer.alloc(0);
    const bytes = { stdout: read('stdout'), stderr: read('stderr') };
    this.#end(order, {
      kind: 'exit',
      code,
      signal: null,
      killedBy,
      lengths: { stdout: bytes.stdout.length, stderr: bytes.stderr.length },
      sha256: { stdout: shaOf(bytes.stdout), stderr: shaOf(bytes.stderr) },
      dropped: { stdout: 0, stderr: 0 },
      durationMs: 1,
    });
  }

  kill(runId: RunId, why: KillReason): void {
    const script = this.scripts.get(runId);
    if (!script || script.killedBy) return;
    script.killedBy = why;
    this.truthOf(runId).wasKilled = true;
    // Some scripts catch TERM and say that all is well.
    this.exit(runId, this.chance.is(0.4) ? 0 : 143);
  }

  killSupervisor(): void {
    for (const [runId, script] of this.scripts) {
      script.isOrphan = true;
      this.truthOf(runId).causes.add('its supervisor was killed');
    }
    for (const runId of this.scripts.keys()) this.#starter?.tellOutOfSight(runId);
  }

  reboot(): void {
    for (const runId of [...this.scripts.keys(), ...this.#orders]) this.truthOf(runId).causes.add('reboot');
    this.scripts.clear();
    this.#orders.clear();
    this.#starter = undefined;
  }

  resume({ runId }: RunLimits): ResumeAnswer {
    if (this.scripts.has(runId)) return { kind: 'running' };
    return { kind: 'gone', started: this.#startsOnRecord.has(runId), isOfThisBoot: this.#orders.has(runId) };
  }

  truthOf(runId: RunId) {
    const truth = this.checker.truths.get(runId);
    if (!truth) throw new Error(`nothing is known of ${runId}`);
    return truth;
  }

  #spawn(order: StartOrder): void {
    const script = order.env['SM_SCRIPT'] ?? '';
    try {
      this.checker.noteSpawn(order.runId, { isListed: this.isListed(script), script });
    } catch (error) {
      this.fail(error);
    }
    this.scripts.set(order.runId, { order, isOrphan: false, killedBy: null });
  }

  /** On disk first, then told, as the real one does it; a folder that is gone gets nothing. */
  #end({ runId, folder }: StartOrder, end: EndRecord): void {
    if (!existsSync(join(folder, 'intent')) || existsSync(join(folder, 'end'))) return;
    writeFileSync(join(folder, 'end'), JSON.stringify(end));
    this.#starter?.tellEnd(runId, end);
  }
}

/** What one life of the agent sees of the host. */
class HostStarter extends ScriptStarter {
  #output: ((runId: RunId, stream: Stream, length: number) => void)[] = [];
  #ends: ((runId: RunId, end: EndRecord) => void)[] = [];
  #outOfSight: ((runId: RunId) => void)[] = [];

  constructor(
    private readonly host: ScriptHost,
    private readonly life: Life,
  ) {
    super();
  }

  override begin(): void {}
  override async start(order: StartOrder): Promise<void> {
    if (!this.life.isOver) this.host.start(order);
  }
  override async resume(limits: RunLimits): Promise<ResumeAnswer> {
    return this.host.resume(limits);
  }
  override kill(runId: RunId, why: KillReason): void {
    if (!this.life.isOver) this.host.kill(runId, why);
  }
  override isRunning(runId: RunId): boolean {
    return this.host.scripts.has(runId);
  }
  override onOutput(listener: (runId: RunId, stream: Stream, length: number) => void): void {
    this.#output.push(listener);
  }
  override onEnd(listener: (runId: RunId, end: EndRecord) => void): void {
    this.#ends.push(listener);
  }
  override onOutOfSight(listener: (runId: RunId) => void): void {
    this.#outOfSight.push(listener);
  }
  override async close(): Promise<void> {}

  tellOutput(runId: RunId, stream: Stream, length: number): void {
    if (!this.life.isOver) for (const tell of this.#output) tell(runId, stream, length);
  }
  tellEnd(runId: RunId, end: EndRecord): void {
    if (!this.life.isOver) for (const tell of this.#ends) tell(runId, end);
  }
  tellOutOfSight(runId: RunId): void {
    if (!this.life.isOver) for (const tell of this.#outOfSight) tell(runId);
  }
}

const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
