import type { Of, ToAgentHeader } from '@scriptmesh/contracts';
import { failpoint } from '@scriptmesh/failpoints';
import type { Logger } from '@scriptmesh/logging';
import type { Clock } from '@scriptmesh/runtime';
import type { Journal } from '../journal/index.js';
import type { OrchestratorTime, Outgoing, WelcomeGate } from '../link/index.js';
import type { SignsOfLife } from './signs-of-life.js';

/** A hello or heartbeat that waits is not put into every answer: two sides that answer each other would not stop. */
const LEAST_GAP_MS = 250;
const LEAST_BEAT_GAP_MS = 1_000;

interface GreeterParts {
  readonly journal: Journal;
  readonly gate: WelcomeGate;
  readonly signs: Pick<SignsOfLife, 'hello' | 'heartbeat' | 'manifestNews'>;
  readonly time: OrchestratorTime;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Hello and welcome. The agent alone judges its own record count: an answer that is long on its way can only tell of
 * less than the orchestrator knows by now.
 */
export class Greeter {
  /** As the last welcome told; -1 before the first. */
  #epoch = -1;
  #saidEpoch: number | null = null;
  #turn = 0;
  #saidAtMs = Number.NEGATIVE_INFINITY;
  #beatAtMs = Number.NEGATIVE_INFINITY;

  /** @param startId fresh random hex of this start of the agent, 32 digits */
  constructor(
    private readonly startId: string,
    private readonly parts: GreeterParts,
  ) {}

  async hello(): Promise<Outgoing> {
    this.#saidEpoch = this.#epoch;
    this.#saidAtMs = this.parts.clock.monotonicMs();
    this.#turn += 1;
    const message = await this.parts.signs.hello({ startId: this.startId, turn: this.#turn, epoch: this.#epoch });
    failpoint('enrolment.before-hello');
    return { message };
  }

  async receiveWelcome(header: Of<ToAgentHeader, 'welcome'>): Promise<readonly Outgoing[]> {
    const { journal, gate, signs, time, log } = this.parts;
    if (header.startId !== this.startId) return [];
    if (header.turn === this.#turn) time.hearAnswer(header.now, this.#saidAtMs);
    this.#epoch = header.epoch;
    if (header.countSeen < 0) return this.#saidEpoch === header.epoch ? [] : [await this.hello()];
    if (header.journalId !== journal.journalId) return [];
    if (journal.recordCount < header.countSeen) {
      log.warn('journal.older-than-told', { recordCount: journal.recordCount, countSeen: header.countSeen });
      return this.#startNewJournal();
    }
    if (gate.isOpen && !gate.isHelloWanted) return [];
    failpoint('enrolment.welcomed');
    log.info('agent.welcomed', { epoch: header.epoch, journalId: journal.journalId });
    gate.open();
    return [await signs.manifestNews()];
  }

  /** Acted on only when it is the journal in use: an old frame may name one that was given up long ago. */
  async receiveRetired(header: Of<ToAgentHeader, 'journal/retired'>): Promise<readonly Outgoing[]> {
    if (header.retiredJournalId !== this.parts.journal.journalId) return [];
    this.parts.log.warn('journal.retired', { journalId: header.retiredJournalId });
    return this.#startNewJournal();
  }

  /** The orchestrator does not know this journal: its database was restored. The hello leaves with the answer. */
  wantHello(): readonly Outgoing[] {
    this.parts.gate.wantHello();
    return [];
  }

  /** What waits for an orchestrator that is listening. */
  async takeWaiting(isPoll: boolean): Promise<readonly Outgoing[]> {
    const { gate, clock, signs } = this.parts;
    const nowMs = clock.monotonicMs();
    if (gate.isHelloWanted) return nowMs - this.#saidAtMs < LEAST_GAP_MS ? [] : [await this.hello()];
    if (!isPoll || nowMs - this.#beatAtMs < LEAST_BEAT_GAP_MS) return [];
    this.#beatAtMs = nowMs;
    return [{ message: await signs.heartbeat() }];
  }

  async #startNewJournal(): Promise<readonly Outgoing[]> {
    const { journal, gate } = this.parts;
    gate.shut();
    await journal.mintNewJournal();
    return [await this.hello()];
  }
}
