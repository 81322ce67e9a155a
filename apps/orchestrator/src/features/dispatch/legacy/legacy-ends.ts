import { Injectable } from '@nestjs/common';
import { agentPrincipal, isFinalState, SYSTEM_PRINCIPAL } from '@scriptmesh/contracts';
import { Logger } from '@scriptmesh/logging';
import { Clock } from '@scriptmesh/runtime';
import type { LegacyAnswer } from '../../legacy-calls/index.js';
import type { Agent } from '../../registry/index.js';
import { endRun, loseRun, RunWriter, unmoved, WholeResults, type Run, type RunsInWork } from '../../runs/index.js';
import { Claims } from '../claims.js';
import { judgeLegacyAnswer, type LegacyOutcome } from './domain/judge-legacy-answer.js';

const MOST_TRIES = 20;
const BETWEEN_TRIES_MS = 3000;

@Injectable()
export class EndSurroundings {
  constructor(
    readonly clock: Clock,
    readonly log: Logger,
  ) {}
}

/** Writes what became of a call to a 0.2 agent. The answer stands in memory only, so a store that fails is tried again. */
@Injectable()
export class LegacyEnds {
  #stopping = false;

  constructor(
    private readonly writer: RunWriter,
    private readonly claims: Claims,
    private readonly results: WholeResults,
    private readonly surroundings: EndSurroundings,
  ) {}

  /** The program ends: no more waiting between tries. */
  hurry(): void {
    this.#stopping = true;
  }

  /** Never rejects. @returns what was concluded */
  async write(agent: Agent, { id }: Run, answer: LegacyAnswer): Promise<LegacyOutcome['kind']> {
    const outcome = judgeLegacyAnswer(answer);
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#write(agent, id, outcome);
        return outcome.kind;
      } catch (error) {
        this.surroundings.log.error('dispatch.legacy-end-failed', { runId: id, agentId: agent.id, tries, error });
        // What is never written is lost when its lease ends.
        if (tries >= MOST_TRIES || this.#stopping) return outcome.kind;
        await new Promise((resolve) => this.surroundings.clock.after(BETWEEN_TRIES_MS, () => resolve(undefined)));
      }
    }
  }

  /** Proved: the call was never made. */
  async refuseParams({ id }: Run): Promise<void> {
    const why = 'an agent of ScriptMesh 0.2 takes no parameters';
    await this.writer.write(SYSTEM_PRINCIPAL, (runs) =>
      this.#apply(runs, id, { kind: 'rejected', code: 'params/invalid', why }),
    );
  }

  async #write(agent: Agent, id: Run['id'], outcome: LegacyOutcome): Promise<void> {
    if (outcome.kind === 'returned') return this.claims.giveBack([id]);
    const by = outcome.kind === 'lost' ? SYSTEM_PRINCIPAL : agentPrincipal(agent.id);
    await this.writer.write(by, (runs) => this.#apply(runs, id, outcome));
  }

  async #apply(runs: RunsInWork, id: Run['id'], outcome: Exclude<LegacyOutcome, { kind: 'returned' }>): Promise<void> {
    await runs.read([id]);
    const run = runs.find(id);
    if (!run) return;
    const finishedAtMs = this.surroundings.clock.nowMs();
    if (outcome.kind === 'ended') {
      const output = { stdout: Buffer.from(outcome.stdout), stderr: Buffer.from(outcome.stderr) };
      return this.results.take(runs, run, { ...outcome, output });
    }
    if (isFinalState(run.state)) return;
    if (outcome.kind === 'lost') return runs.apply(loseRun(unmoved(run), finishedAtMs, outcome.why, 'legacy-unclear'));
    const { code: reasonCode, why: reason } = outcome;
    const end = { state: 'rejected', executed: 'no', finishedAtMs, reasonCode, reason } as const;
    runs.apply(endRun(unmoved(run), end), 'legacy-answer');
  }
}
