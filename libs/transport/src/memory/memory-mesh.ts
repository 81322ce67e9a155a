/**
 * Joins memory links into a mesh inside one process, with faults that a test switches on. It keeps the bounds of the
 * real wire and hands out copies, so that nobody can rely on sharing memory with the other side.
 */
import type { AgentId } from '@scriptmesh/contracts';
import type { Frame } from '@scriptmesh/crypto';
import type { Clock } from '@scriptmesh/runtime';
import type { Posted } from '../frames/posted.js';
import { decodeFrames, encodeFrames, FRAME_LIST_LIMITS } from '../frames/frame-list.js';
import { answerFrames } from '../frames/rounds.js';

export type MemoryWay = 'to-agent' | 'to-orchestrator';

/**
 * `refuse`: proved that nothing arrived. `drop-before`: lost on the way there. `drop-after`: arrived and handled, the
 * answer lost. `duplicate`: arrives twice. A delay holds the message back for so many milliseconds of the clock.
 */
export type MemoryFault = 'none' | 'refuse' | 'drop-before' | 'drop-after' | 'duplicate' | { readonly delayMs: number };

type Handler = (frames: readonly Frame[]) => Promise<readonly Frame[]>;

export class MemoryMesh {
  readonly #faults: Record<MemoryWay, MemoryFault> = { 'to-agent': 'none', 'to-orchestrator': 'none' };
  readonly #agents = new Map<AgentId, Handler>();
  readonly #forgotten = new Set<AgentId>();
  #orchestrator: ((from: AgentId, frames: readonly Frame[]) => Promise<readonly Frame[]>) | undefined;

  constructor(readonly clock: Clock) {}

  /** Every message that goes this way meets this fault, until another one is set. */
  breakWay(way: MemoryWay, fault: MemoryFault): void {
    this.#faults[way] = fault;
  }

  mend(): void {
    this.breakWay('to-agent', 'none');
    this.breakWay('to-orchestrator', 'none');
  }

  /** From now on the orchestrator turns this agent away, as after its removal; `remember` ends that. */
  forget(agentId: AgentId): void {
    this.#forgotten.add(agentId);
  }
  remember(agentId: AgentId): void {
    this.#forgotten.delete(agentId);
  }
  isForgotten(agentId: AgentId): boolean {
    return this.#forgotten.has(agentId);
  }

  /** Called by the links, not by tests. */
  joinAgent(agentId: AgentId, handler: Handler | undefined): void {
    if (handler) this.#agents.set(agentId, handler);
    else this.#agents.delete(agentId);
  }
  joinOrchestrator(
    handler: ((from: AgentId, frames: readonly Frame[]) => Promise<readonly Frame[]>) | undefined,
  ): void {
    this.#orchestrator = handler;
  }

  carryToAgent(agentId: AgentId, frames: readonly Frame[], closing: AbortSignal): Promise<Posted> {
    return untilClosed(closing, this.#carry('to-agent', frames, this.#agents.get(agentId)));
  }

  carryToOrchestrator(agentId: AgentId, frames: readonly Frame[], closing: AbortSignal): Promise<Posted> {
    if (this.isForgotten(agentId))
      return Promise.resolve(failed('not-sent', 'the orchestrator does not know this agent'));
    const door = this.#orchestrator;
    return untilClosed(closing, this.#carry('to-orchestrator', frames, door && ((list) => door(agentId, list))));
  }

  async #carry(way: MemoryWay, frames: readonly Frame[], handler: Handler | undefined): Promise<Posted> {
    const fault = this.#faults[way];
    if (fault === 'refuse' || !handler) return failed('not-sent', 'nobody listens there');
    if (fault === 'drop-before') return failed('unknown', 'lost on the way there');
    if (typeof fault === 'object') await this.#wait(fault.delayMs);
    if (fault === 'duplicate') await deliver(frames, handler);
    const posted = await deliver(frames, handler);
    return fault === 'drop-after' ? failed('unknown', 'the answer was lost') : posted;
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.clock.after(delayMs, resolve));
  }
}

/** The sender that closes no longer waits; its message goes its way. */
function untilClosed(closing: AbortSignal, carried: Promise<Posted>): Promise<Posted> {
  if (closing.aborted) return Promise.resolve(failed('not-sent', 'this side is closed'));
  return new Promise((resolve) => {
    const onClose = (): void => resolve(failed('unknown', 'this side was closed'));
    closing.addEventListener('abort', onClose);
    void carried.then((posted) => {
      closing.removeEventListener('abort', onClose);
      resolve(posted);
    });
  });
}

async function deliver(frames: readonly Frame[], handler: Handler): Promise<Posted> {
  try {
    const answer = await answerFrames(encodeFrames(frames), {
      handle: handler,
      limits: FRAME_LIST_LIMITS,
      logger: undefined,
    });
    return { verdict: 'sent', status: 200, why: '', answer: decodeFrames(answer) };
  } catch (error) {
    return failed('unknown', String(error));
  }
}

const failed = (verdict: 'not-sent' | 'unknown', why: string): Posted => ({ verdict, status: null, why, answer: [] });
