import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Principal } from '@scriptmesh/auth';
import { OrchestratorSettings } from '@scriptmesh/config';
import { isRunId, LEGACY_TRANSPORT, MeshError, type Origin, type RunId } from '@scriptmesh/contracts';
import { noteInLogContext } from '@scriptmesh/logging';
import { Clock, Ids } from '@scriptmesh/runtime';
import { ScriptCatalogue } from '../catalogue/index.js';
import { AgentDirectory, type Agent } from '../registry/index.js';
import { DispatchGate } from './dispatch-gate.js';
import { claimRun } from './domain/claim.js';
import { checkParams, checkScriptName, scriptNotFound } from './domain/check-request.js';
import { endRun, loseRun, unmoved, type Progress } from './domain/run-progress.js';
import { queuedRun, type Run } from './domain/run.js';
import { QueueBound } from './queue-bound.js';
import { RunWriter } from './run-writer.js';
import { RunsStore, type RunFilter } from './runs.store.js';

/** What a run is asked for with, its fields checked. */
export interface RunRequest {
  /** Name or id. */
  readonly agent: string;
  readonly script: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly timeoutSeconds: number | undefined;
  readonly deliverWithinSeconds: number | undefined;
  readonly origin: Origin;
}

/** What decides whether and how a run comes into the world. */
@Injectable()
export class Admission {
  constructor(
    readonly gate: DispatchGate,
    readonly bound: QueueBound,
    readonly clock: Clock,
    readonly ids: Ids,
    readonly settings: OrchestratorSettings,
  ) {}
}

/** Accepts runs and shows them. A run is a row from the moment it is accepted. */
@Injectable()
export class RunsService implements OnModuleInit {
  constructor(
    private readonly agents: AgentDirectory,
    private readonly catalogue: ScriptCatalogue,
    private readonly store: RunsStore,
    private readonly writer: RunWriter,
    private readonly admission: Admission,
  ) {}

  onModuleInit(): void {
    this.agents.onRemoving(async (trx, agent, by) => {
      const live = await this.store.findLiveForChange(trx, agent.id);
      const nowMs = this.admission.clock.nowMs();
      const ended: Run[] = [];
      for (const run of live) ended.push(await this.writer.saveWithin(trx, by, run, endWithAgent(run, nowMs)));
      return () => this.writer.tell(ended);
    });
  }

  /** @throws MeshError agent/not-found, script/not-found, params/invalid, request/too-large, queue/full */
  async accept(request: RunRequest, by: Principal): Promise<Run> {
    const agent = await this.agents.getAgent(request.agent);
    const script = checkScriptName(request.script);
    const params = checkParams(request.params);
    await this.#checkScript(agent, script);
    await this.admission.bound.checkRoom();
    const journalId = this.admission.gate.takeSlot(agent, request.script);
    const queued = unmoved(this.#makeRun(agent, request, params, by));
    noteInLogContext({ runId: queued.run.id });
    const born = journalId === undefined ? queued : claimRun(queued, journalId, this.admission.clock.nowMs());
    try {
      await this.writer.write(by.id, (runs) => Promise.resolve(runs.insert(born)));
    } catch (error) {
      if (journalId !== undefined) this.admission.gate.giveBack(agent);
      throw error;
    }
    this.admission.gate.launch(born.run);
    return born.run;
  }

  /** @throws MeshError run/not-found */
  async getRun(id: string): Promise<Run> {
    const run = isRunId(id) ? await this.store.find(id) : undefined;
    if (!run) throw new MeshError('run/not-found', `there is no run "${id.slice(0, 64)}"`);
    noteInLogContext({ runId: run.id });
    return run;
  }

  listRuns(filter: RunFilter): Promise<readonly Run[]> {
    return this.store.list(filter);
  }

  /** A quick word about a script that nobody lists. Before an agent has told its manifest, the agent decides. */
  async #checkScript(agent: Agent, script: string): Promise<void> {
    // What a 0.2 agent lists may have changed since the last sweep: it decides, too.
    if (agent.transport === LEGACY_TRANSPORT || agent.manifestSha === null) return;
    if (await this.catalogue.findScript(agent, script)) return;
    throw scriptNotFound(script, agent.name);
  }

  #makeRun(agent: Agent, request: RunRequest, params: Run['params'], by: Principal): Run {
    const { clock, ids, settings } = this.admission;
    const createdAtMs = clock.nowMs();
    return queuedRun({
      id: ids.uuid() as RunId,
      agentId: agent.id,
      agentName: agent.name,
      script: request.script,
      params,
      principal: by.id,
      origin: request.origin,
      createdAtMs,
      deliverByMs: createdAtMs + 1000 * (request.deliverWithinSeconds ?? settings.deliverWithinSeconds),
      timeoutMs: request.timeoutSeconds === undefined ? null : 1000 * request.timeoutSeconds,
    });
  }
}

/** The agent goes away for good: what cannot have reached it is cancelled, the rest is lost. */
function endWithAgent(run: Run, finishedAtMs: number): Progress {
  const reason = 'the agent was removed';
  if (run.state === 'queued' || (run.state === 'dispatched' && run.inDoubt === 0)) {
    return endRun(unmoved(run), { state: 'cancelled', executed: 'no', finishedAtMs, reason });
  }
  return loseRun(unmoved(run), finishedAtMs, reason);
}
