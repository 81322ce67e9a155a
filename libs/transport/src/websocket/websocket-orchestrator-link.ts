/**
 * The agent's half of the websocket transport: dials the orchestrator, holds the socket open and dials again when it
 * breaks. Nothing listens on the node. The first `send` says who the agent is, and so begins it.
 */
import type { Frame } from '@scriptmesh/crypto';
import type { Logger } from '@scriptmesh/logging';
import type { Clock, Ids, Timer } from '@scriptmesh/runtime';
import type { SendVerdict } from '../agent-link.js';
import type { ShownCertificate } from '../shown-certificate.js';
import { FRAME_LIST_LIMITS } from '../frames/frame-list.js';
import type { Posted } from '../frames/posted.js';
import { sendInRounds, type Door } from '../frames/rounds.js';
import { OrchestratorLink, type FramesFromOrchestrator, type OwnIdentity } from '../orchestrator-link.js';
import { longPauseMs, pauseMs } from './back-off.js';
import { CLOSE } from './close-codes.js';
import { dial, type Dialled, type DialOutcome } from './dial.js';
import { FrameSocket } from './frame-socket.js';

export interface WebSocketOrchestratorLinkOptions {
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'fraction'>;
  readonly logger?: Logger | undefined;
  /** http(s), without a trailing slash: dialled as ws(s). */
  readonly orchestratorUrl: string;
  readonly certificate?: ShownCertificate | null;
  /** Until a socket is open, and until the answer to a list is there. */
  readonly timeoutMs?: number | undefined;
}

/** `idle`: nobody to be yet, or turned away: the next send dials. */
type State =
  | { readonly kind: 'idle' | 'closed' }
  | {
      readonly kind: 'dialling';
      readonly dialled: Dialled<FrameSocket>;
      readonly done: Promise<FrameSocket | undefined>;
    }
  | { readonly kind: 'open'; readonly socket: FrameSocket; readonly sinceMs: number }
  | { readonly kind: 'pausing'; readonly timer: Timer };

/** A list may hold much output, and is answered only after a durable commit. */
const DEFAULT_TIMEOUT_MS = 10_000;
const FORGOTTEN_STATUSES = new Set([401, 403, 404]);
/** A socket that stood for so long was a good one: the next pause is short again. */
const LASTING_MS = 30_000;

export class WebSocketOrchestratorLink extends OrchestratorLink {
  #state: State = { kind: 'idle' };
  #as: OwnIdentity | undefined;
  #failures = 0;
  #handle: FramesFromOrchestrator = () => Promise.reject(new Error('no handler of frames is set'));
  #tellPresence: (present: boolean) => void = () => {};
  #tellForgotten: () => void = () => {};

  constructor(private readonly options: WebSocketOrchestratorLinkOptions) {
    super();
  }

  override async send(as: OwnIdentity, frames: readonly Frame[]): Promise<SendVerdict> {
    const socket = await this.#socketOf(as);
    if (!socket) return 'not-sent';
    const post = (list: readonly Frame[]): Promise<Posted> => socket.post(list);
    const { verdict, why } = await sendInRounds(frames, { post, ...this.#doorOf(as) });
    if (verdict !== 'sent') this.options.logger?.debug('transport.send-failed', { verdict, why });
    return verdict;
  }

  override onFrames(handler: FramesFromOrchestrator): void {
    this.#handle = handler;
  }

  /** Present: the socket is open. */
  override onPresence(handler: (present: boolean) => void): void {
    this.#tellPresence = handler;
    if (this.#state.kind === 'open') handler(true);
  }

  override onForgotten(handler: () => void): void {
    this.#tellForgotten = handler;
  }

  override async close(): Promise<void> {
    const before = this.#state;
    this.#state = { kind: 'closed' };
    await this.#leave(before);
  }

  #socketOf(as: OwnIdentity): Promise<FrameSocket | undefined> {
    if (this.#state.kind !== 'closed' && (as.agentId !== this.#as?.agentId || as.key !== this.#as.key)) {
      const before = this.#state;
      this.#state = { kind: 'idle' };
      this.#as = as;
      void this.#leave(before);
    }
    if (this.#state.kind === 'idle') this.#dial(as);
    const state = this.#state;
    if (state.kind === 'dialling') return state.done;
    return Promise.resolve(state.kind === 'open' ? state.socket : undefined);
  }

  /** Gives up whatever the state before held; its ends are no news then. */
  async #leave(before: State): Promise<void> {
    if (before.kind === 'pausing') before.timer.stop();
    if (before.kind === 'dialling') before.dialled.giveUp();
    if (before.kind !== 'open') return;
    before.socket.close(CLOSE.goingAway, 'the agent is leaving');
    this.#tellPresence(false);
    await before.socket.gone;
  }

  #dial(as: OwnIdentity): void {
    const { orchestratorUrl, timeoutMs = DEFAULT_TIMEOUT_MS, certificate } = this.options;
    const route = `/api/v1/agents/${encodeURIComponent(as.agentId)}/socket`;
    const target = { url: `${orchestratorUrl.replace(/^http/, 'ws')}${route}`, key: as.key, timeoutMs, certificate };
    const dialled = dial(target, (opened): FrameSocket => {
      const { clock } = this.options;
      const door = this.#doorOf(as);
      const socket: FrameSocket = new FrameSocket(opened, {
        clock,
        timeoutMs,
        door,
        onClosed: (code) => this.#noteClosed(socket, code),
      });
      return socket;
    });
    const state: State = {
      kind: 'dialling',
      dialled,
      done: dialled.outcome.then((outcome) => this.#learn(state, outcome)),
    };
    this.#state = state;
  }

  #learn(state: State, outcome: DialOutcome<FrameSocket>): FrameSocket | undefined {
    if (this.#state !== state) {
      // Closed, or somebody else by now.
      if (outcome.kind === 'open') outcome.socket.close(CLOSE.goingAway, 'not wanted any more');
      return undefined;
    }
    if (outcome.kind === 'open') return this.#open(outcome.socket);
    if (outcome.kind === 'refused' && FORGOTTEN_STATUSES.has(outcome.status)) {
      this.#state = { kind: 'idle' };
      this.options.logger?.debug('transport.turned-away', { status: outcome.status });
      this.#tellForgotten();
      return undefined;
    }
    this.#noteFailure(outcome);
    return undefined;
  }

  #open(socket: FrameSocket): FrameSocket | undefined {
    if (!socket.isOpen) {
      this.#pause(pauseMs(this.#failures++, this.options.ids.fraction()));
      return undefined;
    }
    this.#state = { kind: 'open', socket, sinceMs: this.options.clock.monotonicMs() };
    this.options.logger?.info('transport.connected', { orchestratorUrl: this.options.orchestratorUrl });
    this.#tellPresence(true);
    return socket;
  }

  #noteFailure(outcome: Exclude<DialOutcome<never>, { kind: 'open' }>): void {
    const retryInMs = pauseMs(this.#failures, this.options.ids.fraction());
    this.#failures += 1;
    const { why, hint } = outcome.kind === 'failed' ? outcome : explainStatus(outcome.status);
    const { orchestratorUrl } = this.options;
    this.options.logger?.warn('transport.not-connected', {
      why,
      hint,
      orchestratorUrl,
      retryInMs: Math.round(retryInMs),
    });
    this.#pause(retryInMs);
  }

  #noteClosed(socket: FrameSocket, code: number): void {
    const state = this.#state;
    if (state.kind !== 'open' || state.socket !== socket) return;
    this.options.logger?.info('transport.disconnected', { code });
    this.#planNext(code, this.options.clock.monotonicMs() - state.sinceMs);
    this.#tellPresence(false);
  }

  #planNext(code: number, stoodMs: number): void {
    const fraction = this.options.ids.fraction();
    if (stoodMs >= LASTING_MS) this.#failures = 0;
    // The next send dials and hears from the orchestrator itself that it has to register.
    if (code === CLOSE.forgotten) this.#state = { kind: 'idle' };
    else if (code === CLOSE.replaced) {
      this.options.logger?.warn('transport.replaced', {
        hint: 'another agent runs with the key and id of this one: give each node a home folder of its own',
      });
      this.#pause(longPauseMs(fraction));
    } else this.#pause(pauseMs(this.#failures++, fraction));
  }

  #pause(ms: number): void {
    const as = this.#as as OwnIdentity;
    this.#state = { kind: 'pausing', timer: this.options.clock.after(ms, () => this.#dial(as)) };
  }

  #doorOf({ agentId }: OwnIdentity): Door {
    const handle = async (frames: readonly Frame[]): Promise<readonly Frame[]> => this.#handle(agentId, frames);
    return { handle, limits: FRAME_LIST_LIMITS, logger: this.options.logger };
  }
}

function explainStatus(status: number): { readonly why: string; readonly hint: string } {
  const why = `answered with status ${status} in place of a WebSocket`;
  if (status === 429) return { why, hint: 'too many bad keys came from this address: check SCRIPT_MESH_AGENT_KEY' };
  if (status >= 300 && status < 400) return { why, hint: 'set ORCHESTRATOR_URL to where the redirect points' };
  return { why, hint: 'if a proxy stands in between, it has to pass upgrades on: docs/specs/websocket.md' };
}
