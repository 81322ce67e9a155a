import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { RunId } from '@scriptmesh/contracts';
import { LRUCache } from 'lru-cache';
import type { Move } from './domain/run-progress.js';
import type { Run } from './domain/run.js';

/** Enough for the moments between a commit and the listening of who asked for it. */
const MOST_KEPT = 1000;

type Listener = (run: Run) => void;
/** A run that was just accepted has `rev` 0. */
type MoveListener = (run: Run, moves: readonly Move[]) => void;

/** Tells, inside this process, that a run has changed durably: to those who wait for it or follow it, and to dispatch. */
@Injectable()
export class RunFeed implements BeforeApplicationShutdown {
  readonly #closers = new Set<() => void>();
  #isClosing = false;
  readonly #ofRun = new Map<RunId, Set<Listener>>();
  readonly #ofAll: MoveListener[] = [];
  readonly #lastTold = new LRUCache<RunId, Run>({ max: MOST_KEPT });

  /** The program stops: soon nothing is told any more, so whoever listens says what it knows. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Called once when the program stops. @returns stops the listening */
  onClosing(listener: () => void): () => void {
    this.#closers.add(listener);
    return () => this.#closers.delete(listener);
  }

  beforeApplicationShutdown(): void {
    this.#isClosing = true;
    for (const listener of this.#closers) listener();
  }

  /** @returns stops the listening */
  onRun(id: RunId, listener: Listener): () => void {
    const listeners = this.#ofRun.get(id) ?? new Set();
    this.#ofRun.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#ofRun.get(id) === listeners) this.#ofRun.delete(id);
    };
  }

  onAnyRun(listener: MoveListener): void {
    this.#ofAll.push(listener);
  }

  /**
   * Call it after the commit, never before.
   * @param moves the arrows that the run took in this commit
   */
  tell(run: Run, moves: readonly Move[] = []): void {
    this.#lastTold.set(run.id, run);
    for (const listener of this.#ofAll) listener(run, moves);
    for (const listener of this.#ofRun.get(run.id) ?? []) listener(run);
  }

  /** What was told last of a run, unless that was long ago. Another instance may know more of it. */
  lastTold(id: RunId): Run | undefined {
    return this.#lastTold.get(id);
  }

  get watchedRuns(): number {
    return this.#ofRun.size;
  }
}
