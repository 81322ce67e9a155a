import { Injectable, type OnModuleInit } from '@nestjs/common';
import { agentPrincipal } from '@scriptmesh/contracts';
import { ReceiptMaker } from '@scriptmesh/crypto';
import { failpoint } from '@scriptmesh/failpoints';
import { Logger } from '@scriptmesh/logging';
import { Clock } from '@scriptmesh/runtime';
import { AgentLinks, type Incoming, type Outgoing } from '../links/index.js';
import type { Agent } from '../registry/index.js';
import {
  EVIDENCE_KINDS,
  judgeAbsent,
  judgeAccepted,
  judgeLost,
  judgeNever,
  judgeRefused,
  judgeSpawnFailed,
  type Evidence,
  type Judgement,
} from './domain/evidence.js';
import type { Run } from './domain/run.js';
import { OutputIntake } from './output-intake.js';
import { RunWriter } from './run-writer.js';
import type { RunsInWork } from './runs-in-work.js';
import { letGo, UnknownRuns } from './unknown-runs.js';

/** Time and log of the intake, and what makes the receipts of its answers. */
@Injectable()
export class IntakeSurroundings {
  constructor(
    readonly clock: Clock,
    readonly log: Logger,
    readonly receipts: ReceiptMaker,
  ) {}
}

/** Takes in what agents say of runs: all messages of one list in one transaction, answers after the commit. */
@Injectable()
export class RunIntake implements OnModuleInit {
  constructor(
    private readonly links: AgentLinks,
    private readonly writer: RunWriter,
    private readonly output: OutputIntake,
    private readonly unknown: UnknownRuns,
    private readonly surroundings: IntakeSurroundings,
  ) {}

  onModuleInit(): void {
    this.links.handle(EVIDENCE_KINDS, (agent, messages) =>
      this.#receive(agent, messages as readonly Incoming<Evidence>[]),
    );
  }

  async #receive(agent: Agent, messages: readonly Incoming<Evidence>[]): Promise<readonly Outgoing[]> {
    const replies = await this.writer.write(agentPrincipal(agent.id), async (runs) => {
      await runs.read(messages.map(({ header }) => header.runId));
      const replies: Outgoing[] = [];
      for (const message of messages) replies.push(...(await this.#receiveOne(agent, runs, message)));
      failpoint('store.evidence-before-commit');
      return replies;
    });
    failpoint('store.evidence-committed');
    return replies;
  }

  async #receiveOne(agent: Agent, runs: RunsInWork, message: Incoming<Evidence>): Promise<readonly Outgoing[]> {
    const { runId, kind } = message.header;
    const run = runs.find(runId) ?? (await this.unknown.judge(agent, runs, message.header));
    if (run === 'later') return [];
    // Nothing is changed, and nothing is told of whether there is such a run.
    if (run === 'not-ours' || run.agentId !== agent.id) return letGo(message);
    const judgement = await this.#judge(runs, run, message);
    runs.apply(judgement, kind === 'lost' ? 'agent-said' : kind);
    if (judgement.alarm)
      this.surroundings.log.warn('runs.alarm', { runId, agentId: agent.id, kind, why: judgement.alarm });
    const receipt = this.surroundings.receipts.make(runId, agent.id);
    return judgement.replies.map((reply) => ({ ...reply, runId, receipt }));
  }

  #judge(runs: RunsInWork, run: Run, { header, bytes }: Incoming<Evidence>): Judgement | Promise<Judgement> {
    const nowMs = this.surroundings.clock.nowMs();
    switch (header.kind) {
      case 'accepted':
        return judgeAccepted(run, header, nowMs);
      case 'refused':
        return judgeRefused(run, header, nowMs);
      case 'never':
        return judgeNever(run, header, nowMs);
      case 'absent':
        return judgeAbsent(run, header, nowMs);
      case 'chunk':
        return this.output.takeChunk(runs.trx, run, header, bytes);
      case 'result':
        return this.output.takeResult(runs, run, header, bytes);
      case 'spawnFailed':
        return judgeSpawnFailed(run, header, nowMs);
      case 'lost':
        return judgeLost(run, header, nowMs);
    }
  }
}
