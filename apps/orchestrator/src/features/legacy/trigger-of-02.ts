import { Injectable } from '@nestjs/common';
import type { Principal } from '@scriptmesh/auth';
import { isFinalState, isLegacyReply, readLegacyFields, type LegacyReply } from '@scriptmesh/contracts';
import { ReachedAgents } from '../dispatch/index.js';
import { AgentDirectory, type Agent } from '../registry/index.js';
import { RunsService, type Run } from '../runs/index.js';
import { replyOfRefusal, unreachable } from './domain/run-reply.js';
import { findByName, INVALID_AGENT } from './find-by-name.js';
import { LegacyWait } from './legacy-wait.js';
import { ReachAgent } from './reach-agent.js';

/** The second body is the one of the cron lines in 0.2's README. */
const TRIGGER = { script: ['run_script', 'script'], agent: ['agent'] } as const;

/** POST /trigger-script of 0.2: one run, and its answer is the end of it. */
@Injectable()
export class TriggerOf02 {
  constructor(
    private readonly agents: AgentDirectory,
    private readonly reach: ReachAgent,
    private readonly reached: ReachedAgents,
    private readonly runs: RunsService,
    private readonly wait: LegacyWait,
  ) {}

  /** @param gone the caller hung up; the run goes on without it */
  async trigger(body: unknown, by: Principal, gone: AbortSignal): Promise<LegacyReply> {
    const fields = readLegacyFields(body, TRIGGER);
    if (isLegacyReply(fields)) return fields;
    const agent = await findByName(this.agents, fields.agent);
    if (!agent) return INVALID_AGENT;
    const fault = await this.reach.findFault(agent);
    if (fault !== undefined) return unreachable(fault);
    this.reached.noteReached(agent.id);
    return this.#run(agent, fields.script, by, gone);
  }

  async #run(agent: Agent, script: string, by: Principal, gone: AbortSignal): Promise<LegacyReply> {
    const request = { agent: agent.id, script, params: {}, origin: 'legacy' as const };
    let run: Run;
    try {
      run = await this.runs.accept({ ...request, timeoutSeconds: undefined, deliverWithinSeconds: undefined }, by);
    } catch (error) {
      return replyOfRefusal(error);
    }
    const latest = await this.wait.untilEnd(run, by, gone);
    if (isFinalState(latest.state)) return this.wait.replyOf(latest);
    return unreachable(`the outcome is not known yet: the orchestrator is stopping, and run ${run.id} goes on`);
  }
}
