import type { AgentSettings } from '@scriptmesh/config';
import type { AgentId } from '@scriptmesh/contracts';
import { failpoint } from '@scriptmesh/failpoints';
import type { Logger } from '@scriptmesh/logging';
import type { Clock, Ids, Timer } from '@scriptmesh/runtime';
import type { OwnId } from '../link/index.js';
import type { Registration, RegistrationAnswer, RegistrationApi } from './registration-api.js';

const FIRST_CAP_MS = 2_000;
const LAST_CAP_MS = 30_000;
const LEAST_PAUSE_MS = 1_000;
/** A refusal needs a person; asking often would only fill the logs of both sides. */
const REFUSED_PAUSE_MS = 60_000;
/** How often it is looked whether an orchestrator of 0.2 was replaced by one that speaks frames. */
const LEGACY_PAUSE_MS = 60_000;

type Failure = Exclude<RegistrationAnswer, { kind: 'registered' | 'registered-with-0.2' }>;

interface RegistrarParts {
  readonly api: RegistrationApi;
  readonly ownId: OwnId;
  readonly settings: AgentSettings;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
}

/** Registers the agent and does not give up: with back-off and full jitter for ever. */
export class Registrar {
  #isRunning = false;
  #isStopped = false;
  #isLegacy = false;
  #timer: Timer | undefined;
  #lastSuccessMs = Number.NEGATIVE_INFINITY;
  #wakeUp: () => void = () => undefined;

  constructor(private readonly parts: RegistrarParts) {}

  /** Calls `onRegistered` once; a call while one is under way adds nothing. */
  async registerUntilDone(registration: Registration, onRegistered: () => void): Promise<void> {
    if (this.#isRunning || this.#isStopped) return;
    this.#isRunning = true;
    try {
      if (await this.#tryForEver(registration)) onRegistered();
    } finally {
      this.#isRunning = false;
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.stop();
    this.#wakeUp();
  }

  async #tryForEver(registration: Registration): Promise<boolean> {
    const { clock } = this.parts;
    // Registered, but forgotten at once: something is wrong over there, which must not become a storm.
    if (clock.monotonicMs() - this.#lastSuccessMs < LEAST_PAUSE_MS * 5) await this.#pause(LEAST_PAUSE_MS * 5);
    for (let attempt = 0; !this.#isStopped; attempt += 1) {
      const answer = await this.#tryKeys(registration);
      if (answer.kind === 'registered') {
        this.#isLegacy = false;
        this.#lastSuccessMs = clock.monotonicMs();
        failpoint('enrolment.registered');
        await this.#keep(answer.agentId);
        this.parts.log.info('agent.registered', {
          name: registration.name,
          agentId: answer.agentId,
          url: registration.url,
        });
        return true;
      }
      await this.#pause(
        answer.kind === 'registered-with-0.2' ? this.#noteLegacy(registration) : this.#noteFailure(answer, attempt),
      );
    }
    return false;
  }

  /** On a disk that is full it is known until the next start, which registers anyway. */
  async #keep(agentId: AgentId): Promise<void> {
    const { ownId, log } = this.parts;
    await ownId.keep(agentId).catch((error: unknown) => log.warn('agent.id-not-kept', { agentId, error }));
  }

  /** Being registered is all there is with 0.2; asking again keeps us in its list and notices the day it is replaced. */
  #noteLegacy({ name, url }: Registration): number {
    const { log, settings, ids } = this.parts;
    if (!this.#isLegacy)
      log.warn('agent.registered-with-0.2', { name, url, orchestratorUrl: settings.orchestratorUrl });
    this.#isLegacy = true;
    return LEGACY_PAUSE_MS * (0.5 + ids.fraction() / 2);
  }

  #noteFailure(answer: Failure, attempt: number): number {
    const pauseMs = this.#pauseAfter(answer, attempt);
    this.#logFailure(answer, pauseMs);
    return pauseMs;
  }

  /** Its own key first when the orchestrator knows it; the registration key is for the first time and after a removal. */
  async #tryKeys(registration: Registration): Promise<RegistrationAnswer> {
    const { api, ownId, settings } = this.parts;
    const own = settings.key;
    const keys = ownId.agentId ? [own, settings.registrationKey] : [settings.registrationKey, own];
    let answer: RegistrationAnswer = { kind: 'key-refused', why: 'there is no key to register with' };
    for (const key of keys) {
      if (key === null || this.#isStopped) continue;
      answer = await api.register(registration, key);
      if (answer.kind !== 'key-refused') return answer;
    }
    return answer;
  }

  #pauseAfter(answer: Failure, attempt: number): number {
    const fraction = this.parts.ids.fraction();
    if (answer.kind !== 'unreachable') return REFUSED_PAUSE_MS * (0.5 + fraction / 2);
    const capMs = Math.min(LAST_CAP_MS, FIRST_CAP_MS * 2 ** Math.min(attempt, 10));
    return LEAST_PAUSE_MS + fraction * (capMs - LEAST_PAUSE_MS);
  }

  #logFailure(answer: Failure, pauseMs: number): void {
    const { log, settings } = this.parts;
    const hints = {
      'key-refused': 'set SCRIPT_MESH_MAIN_KEY to the key of the orchestrator for the first registration of this agent',
      refused: answer.kind === 'refused' && answer.hint ? answer.hint : 'mend the setting that the reason names',
      unreachable: 'check ORCHESTRATOR_URL and that the orchestrator is running',
    } as const;
    const fields = {
      why: answer.why,
      hint: hints[answer.kind],
      orchestratorUrl: settings.orchestratorUrl,
      retryInMs: Math.round(pauseMs),
    };
    if (answer.kind === 'unreachable') log.warn('agent.not-registered', fields);
    else log.error('agent.not-registered', fields);
  }

  #pause(ms: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wakeUp = resolve;
      this.#timer = this.parts.clock.after(ms, resolve);
    });
  }
}
