import { Injectable } from '@nestjs/common';
import type { Principal } from '@scriptmesh/auth';
import { OrchestratorSettings } from '@scriptmesh/config';
import { isFinalState, isRunId, LEGACY_TRANSPORT, MeshError, type Origin, type RunId } from '@scriptmesh/contracts';
import { noteInLogContext } from '@scriptmesh/logging';
import { Clock, Ids } from '@scriptmesh/runtime';
import { ScriptCatalogue } from '../catalogue/index.js';
import { AgentDirectory, type Agent } from '../registry/index.js';
import { checkParams, checkScriptName, scriptNotFound } from './domain/check-request.js';
import { digestRequest } from './domain/request-digest.js';
import { queuedRun, type Run } from './domain/run.js';
import { QueueBound } from './queue-bound.js';
import { RunBirth, type Accepted } from './run-birth.js';
import { RunSpans } from './run-spans.js';
import { RunsStore, type RunFilter } from './runs.store.js';

/** What a run is asked for with, its fields checked. */
export interface RunRequest {
  /** Name or id. */
  readonly agent: string;
  readonly script: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly timeoutSeconds: number | undefined;
  readonly deliverWithinSeconds: number | undefined;
  /** How often it is tried again automatically; undefined = never. */
  readonly retries?: number | undefined;
  readonly origin: Origin;
  /** The run that this one is asked for in place of. */
  readonly retryOf?: RunId;
  /** Where the request stands in its caller's trace. */
  readonly traceparent?: string | null;
}

/** What decides whether and how a run comes into the world. */
@Injectable()
export class Admission {
  constructor(
    readonly bound: QueueBound,
    readonly clock: Clock,
    readonly ids: Ids,
    readonly settings: OrchestratorSettings,
    readonly spans: RunSpans,
  ) {}
}

/** Accepts runs and shows them. A run is a row from the moment it is accepted. */
@Injectable()
export class RunsService {
  constructor(
    private readonly agents: AgentDirectory,
    private readonly catalogue: ScriptCatalogue,
    private readonly store: RunsStore,
    private readonly birth: RunBirth,
    private readonly admission: Admission,
  ) {}

  /** @throws MeshError agent/not-found, script/not-found, params/invalid, request/too-large, queue/full */
  async accept(request: RunRequest, by: Principal): Promise<Run> {
    return (await this.acceptOnce(request, by, undefined)).run;
  }

  /**
   * The same request with the same idempotency key makes one run, however often it comes within 24 hours at least.
   * @throws MeshError as `accept`, and request/key-reused
   */
  async acceptOnce(request: RunRequest, by: Principal, key: string | undefined): Promise<Accepted> {
    // The same request sent again is a span of its own, and still the same request.
    const { traceparent: _place, ...asked } = request;
    const once = key === undefined ? undefined : { key, requestSha: digestRequest(asked) };
    const earlier = once && (await this.birth.findEarlier(once, by.id));
    if (earlier) return { run: earlier, isReplayed: true };
    const agent = await this.agents.getAgent(request.agent);
    const script = checkScriptName(request.script);
    const params = checkParams(request.params);
    await this.#checkScript(agent, script);
    await this.admission.bound.checkRoom();
    const run = this.#makeRun(agent, request, params, by);
    const { spans } = this.admission;
    try {
      const accepted = await this.birth.bear(run, agent, by, once);
      if (accepted.isReplayed) spans.drop(run.id);
      return accepted;
    } catch (error) {
      spans.drop(run.id);
      throw error;
    }
  }

  /**
   * The same again, as a new run with the usual time to be delivered.
   * @throws MeshError run/not-found, run/not-final, and as `acceptOnce`
   */
  async retry(
    id: string,
    by: Principal,
    key: string | undefined,
    traceparent: string | null = null,
  ): Promise<Accepted> {
    const run = await this.getRun(id);
    if (!isFinalState(run.state)) {
      throw new MeshError('run/not-final', `run ${run.id} is ${run.state}; only a run that has ended can be retried`, {
        hint: `Wait for its end, or cancel it: "scriptmesh runs cancel ${run.id}".`,
      });
    }
    const { agentId: agent, script, params, timeoutMs, id: retryOf } = run;
    const timeoutSeconds = timeoutMs === null ? undefined : timeoutMs / 1000;
    const retries = run.retries || undefined;
    const request = { agent, script, params, timeoutSeconds, deliverWithinSeconds: undefined, retries, retryOf };
    return this.acceptOnce({ ...request, origin: 'api', traceparent }, by, key);
  }

  /** @throws MeshError run/not-found */
  async getRun(id: string): Promise<Run> {
    const run = isRunId(id) ? await this.store.find(id) : undefined;
    if (!run) throw await this.#notFound(id);
    noteInLogContext({ runId: run.id });
    return run;
  }

  async #notFound(id: string): Promise<MeshError> {
    const floor = isRunId(id) ? await this.store.findPrunedThrough() : null;
    if (floor === null || id > floor) return new MeshError('run/not-found', `there is no run "${id.slice(0, 64)}"`);
    return new MeshError('run/not-found', `there is no run "${id}" any more`, {
      hint: 'Runs of its time were removed by retention. Keep them longer: SCRIPT_MESH_RUN_RETENTION_DAYS and SCRIPT_MESH_RUN_RETENTION_COUNT.',
    });
  }

  listRuns(filter: RunFilter): Promise<readonly Run[]> {
    return this.store.list(filter);
  }

  /** A quick word about a script that nobody lists. Before an agent has told its manifest, the agent decides. */
  async #checkScript(agent: Agent, script: string): Promise<void> {
    // What a 0.2 agent lists may have changed since the last sweep: it decides, too.
    if (agent.transport === LEGACY_TRANSPORT || agent.manifestSha === null) return;
    if (await this.catalogue.hasScript(agent, script)) return;
    throw scriptNotFound(script, agent.name);
  }

  #makeRun(agent: Agent, request: RunRequest, params: Run['params'], by: Principal): Run {
    const { clock, ids, settings, spans } = this.admission;
    const createdAtMs = clock.nowMs();
    const id = ids.uuid() as RunId;
    return queuedRun({
      id,
      agentId: agent.id,
      agentName: agent.name,
      script: request.script,
      params,
      principal: by.id,
      origin: request.origin,
      createdAtMs,
      deliverByMs: createdAtMs + 1000 * (request.deliverWithinSeconds ?? settings.deliverWithinSeconds),
      timeoutMs: request.timeoutSeconds === undefined ? null : 1000 * request.timeoutSeconds,
      retryOf: request.retryOf ?? null,
      retries: request.retries ?? 0,
      traceparent: spans.begin(id, request),
    });
  }
}
