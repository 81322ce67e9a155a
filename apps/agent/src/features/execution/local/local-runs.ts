import { MeshError, type RunId } from '@scriptmesh/contracts';
import type { Ids } from '@scriptmesh/runtime';
import type { EndRecord } from '../../journal/index.js';
import type { RunnableScript } from '../../manifest/index.js';
import type { AgentParts } from '../offer/agent-parts.js';
import { buildScriptEnvironment } from '../starter/script-environment.js';

/** Callers that wait for a slot; more are turned away. */
const MOST_WAITING = 64;

export interface LocalEnd {
  readonly runId: RunId;
  readonly end: EndRecord;
  /** Where `stdout` and `stderr` are, until `forget`. */
  readonly folder: string;
}

/**
 * Runs that are asked for on the node itself, over the 0.2 wire. The manifest, the slots and the limits are the same as
 * for offers, and the intent is on record before the start; but no orchestrator knows the id, so nothing is shipped and
 * no `done` is kept.
 */
export class LocalRuns {
  readonly #ended = new Map<RunId, (end: EndRecord) => void>();
  #waiting: (() => void)[] = [];
  /** Runs whose intent is being written. */
  readonly #recording = new Set<Promise<unknown>>();

  constructor(
    private readonly parts: AgentParts,
    private readonly ids: Ids,
  ) {}

  /** Once, when the journal is open: what an earlier life of the agent has left is nobody's any more. */
  begin(): void {
    const { journal, log } = this.parts;
    journal.onEnd((runId, end) => {
      this.#wakeWaiting();
      if (!isLocal(journal.find(runId))) return;
      const tell = this.#ended.get(runId);
      this.#ended.delete(runId);
      if (tell) tell(end);
      else void this.forget(runId);
    });
    for (const { runId, origin, end } of journal.open()) if (origin === 'local' && end) void this.forget(runId);
    log.debug('local-runs.ready', {});
  }

  /** @throws MeshError agent/busy, store/full and what the manifest says of the script; nothing was started then */
  async run(name: string): Promise<LocalEnd> {
    const { parts } = this;
    const runId = this.ids.uuid() as RunId;
    const script = await this.#takeSlot(runId, name);
    try {
      const ended = new Promise<EndRecord>((resolve) => this.#ended.set(runId, resolve));
      const folder = await this.#begin(runId, script);
      parts.log.info('run.accepted', { runId, script: name, origin: 'local' });
      return { runId, end: await ended, folder };
    } finally {
      parts.slots.release(runId);
      this.#wakeWaiting();
    }
  }

  /** Resolves when every run that is being accepted now is handed over or refused. */
  async rest(): Promise<void> {
    this.#wakeWaiting();
    await Promise.allSettled(this.#recording);
  }

  /** The caller has its answer: the run's folder goes. */
  async forget(runId: RunId): Promise<void> {
    await this.parts.journal
      .discard(runId)
      .catch((error: unknown) => this.parts.log.warn('local-runs.not-discarded', { runId, error }));
  }

  /** The slot is taken before anything is waited for; whoever finds none stands in line. */
  async #takeSlot(runId: RunId, name: string): Promise<RunnableScript> {
    const { slots, manifest } = this.parts;
    for (;;) {
      const script = await manifest.checkScript(name);
      if (slots.take(runId, name)) {
        if (script.maxConcurrent === null || slots.countOf(name) <= script.maxConcurrent) return script;
        slots.release(runId);
      }
      if (slots.isClosed) throw new MeshError('agent/busy', 'the agent is stopping and takes no new run');
      if (this.#waiting.length >= MOST_WAITING) {
        throw new MeshError('agent/busy', `${MOST_WAITING} runs wait for a free slot already`);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** @returns the run's folder */
  async #begin(runId: RunId, script: RunnableScript): Promise<string> {
    const recording = this.#recordIntent(runId, script).then((folder) => {
      this.#start(runId, script, folder);
      return folder;
    });
    this.#recording.add(recording);
    try {
      return await recording;
    } catch (error) {
      this.#ended.delete(runId);
      throw error;
    } finally {
      this.#recording.delete(recording);
    }
  }

  async #recordIntent(runId: RunId, script: RunnableScript): Promise<string> {
    const { journal, space, settings } = this.parts;
    const diskFree = await space.diskFree();
    if (diskFree !== null && diskFree < settings.diskReserveBytes) {
      throw new MeshError('store/full', `only ${diskFree} bytes are free on the disk of the spool`);
    }
    const { name, sha256: scriptSha } = script;
    const timeoutMs = this.#timeoutOf(script);
    const intent = { runId, receipt: '', script: name, scriptSha, timeoutMs, origin: 'local' } as const;
    return (await journal.writeIntent(intent)).folder;
  }

  #start(runId: RunId, script: RunnableScript, folder: string): void {
    const { starter, leftRuns, settings, log } = this.parts;
    const { home, name: agentName, killGraceSeconds, outputMaxBytes } = settings;
    const order = {
      runId,
      folder,
      argv: script.argv,
      checked: { file: script.file, version: script.version },
      cwd: home,
      env: buildScriptEnvironment({ runId, agentName, script: script.name, params: {}, home }),
      timeoutMs: this.#timeoutOf(script),
      killGraceMs: killGraceSeconds * 1000,
      outputMaxBytes,
    };
    void starter.start(order).catch((error: unknown) => {
      log.error('run.start-unknown', { runId, error });
      leftRuns.lookInto(runId);
    });
  }

  #timeoutOf = ({ timeoutMs }: RunnableScript): number => timeoutMs ?? this.parts.settings.defaultTimeoutSeconds * 1000;

  #wakeWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

const isLocal = (record: ReturnType<AgentParts['journal']['find']>): boolean =>
  record?.kind === 'intent' && record.origin === 'local';
