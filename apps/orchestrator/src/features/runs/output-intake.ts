import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { isFinalState, STREAMS, type PerStream, type RunId, type Stream } from '@scriptmesh/contracts';
import type { Writer } from '@scriptmesh/database';
import { failpoint } from '@scriptmesh/failpoints';
import { Clock } from '@scriptmesh/runtime';
import { LRUCache } from 'lru-cache';
import type { Header, Judgement } from './domain/evidence.js';
import { judgeChunk, judgeResult, type StreamCheck } from './domain/judge-output.js';
import type { Run } from './domain/run.js';
import type { RunsInWork } from './runs-in-work.js';
import { RunsStore } from './runs.store.js';
import { TailIntake } from './tail-intake.js';

const MOST_ASKED = 10_000;

/** Stores output as it comes, and compares what is stored with what the result says of it. */
@Injectable()
export class OutputIntake {
  /** Runs whose agents were told to go back; forgotten on a restart, which costs one more round. */
  readonly #askedBack = new LRUCache<RunId, true>({ max: MOST_ASKED });
  readonly #tails: TailIntake;

  constructor(
    private readonly store: RunsStore,
    private readonly settings: OrchestratorSettings,
    private readonly clock: Clock,
  ) {
    this.#tails = new TailIntake(store);
  }

  async takeChunk(trx: Writer, run: Run, header: Header<'chunk'>, bytes: Uint8Array): Promise<Judgement> {
    const facts = { nowMs: this.clock.nowMs(), storedMax: this.settings.outputMaxBytes };
    const judgement = judgeChunk(run, header, bytes.byteLength, facts);
    const { fresh } = judgement;
    this.#tails.noteDropped(run, judgement.run, header, bytes, fresh?.kept ?? 0);
    if (fresh) {
      const kept = bytes.subarray(fresh.skip, fresh.skip + fresh.kept);
      await this.store.appendOutput(trx, run.id, fresh.stream, fresh.offset, kept);
      failpoint('store.output-before-commit');
    }
    return judgement;
  }

  /** @param bytes the tails of the streams */
  async takeResult(
    { trx, afterwards }: RunsInWork,
    run: Run,
    header: Header<'result'>,
    bytes: Uint8Array,
  ): Promise<Judgement> {
    const checks = isFinalState(run.state) ? NOTHING_TO_CHECK : await this.#check(trx, run, header);
    const askedBefore = this.#askedBack.has(run.id);
    const judgement = judgeResult(run, header, { nowMs: this.clock.nowMs(), checks, askedBefore });
    for (const stream of judgement.discard) await this.store.deleteOutput(trx, run.id, stream);
    failpoint('store.end-before-commit');
    afterwards.push(() => this.#noteAsked(run.id, isFinalState(judgement.run.state)));
    const isItsEnd = !isFinalState(run.state) && isFinalState(judgement.run.state);
    return isItsEnd ? this.#tails.takeTails(trx, { ended: judgement, header, bytes, checks }) : judgement;
  }

  #noteAsked(id: RunId, ended: boolean): void {
    if (!ended) return void this.#askedBack.set(id, true);
    this.#askedBack.delete(id);
    this.#tails.forget(id);
  }

  async #check(trx: Writer, run: Run, header: Header<'result'>): Promise<PerStream<StreamCheck>> {
    const checks: Partial<Record<Stream, StreamCheck>> = {};
    for (const stream of STREAMS) checks[stream] = await this.#checkStream(trx, run, header, stream);
    return checks as PerStream<StreamCheck>;
  }

  async #checkStream(trx: Writer, run: Run, header: Header<'result'>, stream: Stream): Promise<StreamCheck> {
    if (run.acked[stream] < header.lengths[stream]) return 'missing';
    if (run.acked[stream] > header.lengths[stream]) return 'differs';
    if (run.acked[stream] > this.settings.outputMaxBytes) return 'capped';
    const digest = run.acked[stream] === 0 ? NOTHING_SHA : await this.store.digestOutput(trx, run.id, stream);
    return digest === header.sha256[stream] ? 'complete' : 'differs';
  }
}

const NOTHING_SHA = createHash('sha256').digest('hex');
const NOTHING_TO_CHECK: PerStream<StreamCheck> = { stdout: 'complete', stderr: 'complete' };
