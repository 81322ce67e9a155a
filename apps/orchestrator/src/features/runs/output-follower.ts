import { Injectable } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { isFinalState, STREAMS, type Stream } from '@scriptmesh/contracts';
import { Clock, type Timer } from '@scriptmesh/runtime';
import type { Response } from 'express';
import { endOfOutput, passGap } from './domain/output-place.js';
import type { Run } from './domain/run.js';
import { encodePiece, type Position } from './output-events.js';
import { SERVER_SENT_EVENTS, type OutputForm } from './output-form.js';
import { RunFeed } from './run-feed.js';
import { toRunDto } from './runs.mapper.js';
import { RunsStore } from './runs.store.js';

const PIECE_BYTES = 64 * 1024;

/** Where the output goes, and in which form. */
interface Follower {
  readonly response: Response;
  readonly form: OutputForm;
}

/**
 * Follows a run's output as server-sent events or lines of JSON. It reads from the store one piece at a time and only when the follower
 * has taken the one before, so a slow follower costs no memory and nobody else notices it.
 */
@Injectable()
export class OutputFollower {
  constructor(
    private readonly store: RunsStore,
    private readonly feed: RunFeed,
    private readonly clock: Clock,
    private readonly settings: OrchestratorSettings,
  ) {}

  /** Resolves when the run has ended and everything was sent, the follower has gone, or the program stops: it goes on elsewhere from its place. */
  async follow(run: Run, from: Position, response: Response, form: OutputForm = SERVER_SENT_EVENTS): Promise<void> {
    const alarm = new Alarm();
    const unsubscribe = this.feed.onRun(run.id, () => alarm.ring());
    const stopClosing = this.feed.onClosing(() => alarm.ring());
    const stopComments = this.#keepAlive({ response, form }, alarm);
    response.once('close', () => alarm.ring());
    response.status(200).set({
      'content-type': form.contentType,
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    try {
      await this.#sendAll(run, { ...from }, { response, form }, alarm);
    } finally {
      unsubscribe();
      stopClosing();
      stopComments();
      response.end();
    }
  }

  async #sendAll(
    followed: Run,
    at: { stdout: number; stderr: number },
    follower: Follower,
    alarm: Alarm,
  ): Promise<void> {
    const { response, form } = follower;
    while (!response.destroyed && !response.writableEnded) {
      alarm.reset();
      // The row first, the output after it: what a final row speaks of is there to be read.
      const run = (await this.store.find(followed.id)) ?? followed;
      for (const stream of STREAMS) await this.#sendStream(run, stream, at, follower);
      if (response.destroyed) return;
      if (this.feed.isClosing && !isFinalState(run.state)) return;
      if (isFinalState(run.state)) {
        response.write(form.format('end', toRunDto(run), at));
        return;
      }
      await alarm.rung;
    }
  }

  async #sendStream(
    run: Run,
    stream: Stream,
    at: { stdout: number; stderr: number },
    { response, form }: Follower,
  ): Promise<void> {
    while (at[stream] < endOfOutput(run, stream) && !response.destroyed) {
      const bytes = await this.store.readOutput(run.id, stream, at[stream], PIECE_BYTES);
      // One that has gone meanwhile never drains.
      if (response.destroyed) return;
      if (bytes.byteLength === 0) {
        // Beyond the cap only the end is stored: the follower is told how far the stream went on without it.
        const missing = passGap(run, stream, at[stream]) - at[stream];
        at[stream] += missing;
        response.write(form.format('gap', { stream, offset: at[stream], missing }, at));
        continue;
      }
      const piece = encodePiece(bytes);
      if (piece.isSplit && !isFinalState(run.state)) return;
      const offset = at[stream];
      at[stream] += piece.length;
      const taken = response.write(form.format('output', { stream, offset, ...piece.data }, at));
      if (!taken) await drained(response);
    }
  }

  /** Keeps the connection open; and what another instance has written rings no bell here, so it is looked for. */
  #keepAlive({ response, form }: Follower, alarm: Alarm): () => void {
    let timer: Timer | undefined;
    const wait = (): void => {
      timer = this.clock.after(this.settings.streamKeepAliveSeconds * 1000, () => {
        response.write(form.keepAlive);
        alarm.ring();
        wait();
      });
    };
    wait();
    return () => timer?.stop();
  }
}

/** Something may be new: rings are not counted, one is as good as many. */
class Alarm {
  #ring = (): void => {};
  rung: Promise<void> = Promise.resolve();

  reset(): void {
    this.rung = new Promise((resolve) => (this.#ring = resolve));
  }
  ring(): void {
    this.#ring();
  }
}

function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}
