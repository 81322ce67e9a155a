import { watch, type FSWatcher } from 'node:fs';
import type { Logger } from '@scriptmesh/logging';
import type { Clock, Timer } from '@scriptmesh/runtime';

/** Editors write in several steps; a short wait reads the file once, when it is whole. */
const SETTLE_MS = 100;
/** Notices what a watcher misses: network file systems, a folder that was replaced, no watches left. */
const LOOK_AGAIN_MS = 5_000;

/** Says that something in a folder may have changed: soon after the system tells, and every five seconds anyway. */
export class FolderWatch {
  #watcher: FSWatcher | undefined;
  #settling: Timer | undefined;
  #lookingAgain: Timer | undefined;

  constructor(
    private readonly folder: string,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly look: (why: 'told' | 'regular') => void,
  ) {}

  start(): void {
    this.#lookAgainLater();
    try {
      this.#watcher = watch(this.folder, { persistent: false }, () => this.#settle());
      this.#watcher.on('error', (error) => this.#giveUp(error));
    } catch (error) {
      this.#giveUp(error);
    }
  }

  stop(): void {
    this.#watcher?.close();
    this.#settling?.stop();
    this.#lookingAgain?.stop();
  }

  #settle(): void {
    this.#settling?.stop();
    this.#settling = this.clock.after(SETTLE_MS, () => this.look('told'));
  }

  #lookAgainLater(): void {
    this.#lookingAgain = this.clock.after(LOOK_AGAIN_MS, () => {
      this.look('regular');
      this.#lookAgainLater();
    });
  }

  #giveUp(error: unknown): void {
    this.#watcher?.close();
    this.logger.warn('manifest.watch-unavailable', { error, lookingEveryMs: LOOK_AGAIN_MS });
  }
}
