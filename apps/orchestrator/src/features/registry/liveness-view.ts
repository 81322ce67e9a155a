import { Injectable } from '@nestjs/common';
import type { Liveness } from '@scriptmesh/contracts';
import type { Agent } from './domain/agent.js';

/** What heartbeat, which stands above, believes of an agent: it sets its judgement here. */
@Injectable()
export class LivenessView {
  #judge: (agent: Agent) => Liveness = () => 'unknown';

  livenessOf(agent: Agent): Liveness {
    return this.#judge(agent);
  }

  setJudge(judge: (agent: Agent) => Liveness): void {
    this.#judge = judge;
  }
}
