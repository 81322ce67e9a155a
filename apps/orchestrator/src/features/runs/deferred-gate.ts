import { Injectable } from '@nestjs/common';
import type { JournalId } from '@scriptmesh/contracts';
import type { Agent } from '../registry/index.js';
import { DispatchGate } from './dispatch-gate.js';
import type { Run } from './domain/run.js';

/** The gate until dispatch, which stands above runs, has set itself in: every run waits in the queue. */
@Injectable()
export class DeferredGate extends DispatchGate {
  #gate: DispatchGate | undefined;

  setGate(gate: DispatchGate): void {
    this.#gate = gate;
  }
  override takeSlot(agent: Agent, script: string): JournalId | undefined {
    return this.#gate?.takeSlot(agent, script);
  }
  override launch(run: Run, agent?: Agent): void {
    this.#gate?.launch(run, agent);
  }
  override giveBack(agent: Agent): void {
    this.#gate?.giveBack(agent);
  }
}
