import { Injectable } from '@nestjs/common';
import { LEGACY_TRANSPORT } from '@scriptmesh/contracts';
import { LegacyAgentCalls, reasonOf } from '../legacy-calls/index.js';
import { AgentNotes, LivenessView, type Agent } from '../registry/index.js';
import { isWithoutJournal, RunsStore } from '../runs/index.js';

/** Finds out at once whether an agent is there. 0.2 has no queue: who asks wants to know now. */
@Injectable()
export class ReachAgent {
  constructor(
    private readonly calls: LegacyAgentCalls,
    private readonly liveness: LivenessView,
    private readonly notes: AgentNotes,
    private readonly runs: RunsStore,
  ) {}

  /** @returns why it cannot be reached; undefined when it can */
  async findFault(agent: Agent): Promise<string | undefined> {
    const isOnline = agent.transport !== LEGACY_TRANSPORT && this.liveness.livenessOf(agent) === 'online';
    if (agent.url === null) return isOnline ? undefined : 'the agent has not been heard of lately';
    // It speaks with us, but we cannot dial it: its runs leave with the answers to its own messages.
    if (isOnline && this.notes.find(agent.id)?.checked?.result === 'offline') return undefined;
    const answer = await this.calls.heartbeat(agent);
    if (answer.kind === 'answered' && answer.status === 200) return undefined;
    // It took the connection and says nothing: 0.2 may answer one call at a time, and a new one stands in line.
    if (answer.kind === 'unknown' && (await this.#runsForUs(agent))) return undefined;
    return reasonOf(answer);
  }

  /** A 0.2 agent has a script in hand, as far as we know. */
  async #runsForUs({ id, transport }: Agent): Promise<boolean> {
    return transport === LEGACY_TRANSPORT && (await this.runs.listLive(id)).some(isWithoutJournal);
  }
}
