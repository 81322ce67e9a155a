import { MeshError } from '@scriptmesh/contracts';
import type { Clock, Timer } from '@scriptmesh/runtime';

const LOOK_EVERY_MS = 5_000;

/**
 * Ends the program when the spool was removed or replaced under it: without its records nothing here says any more what
 * was started. The next start finds that out in order, with a journal of a new id.
 */
export class SpoolWatch {
  #timer: Timer | undefined;

  constructor(
    private readonly folder: { readonly path: string; readonly isOurs: boolean },
    private readonly clock: Clock,
  ) {
    this.#look();
  }

  stop(): void {
    this.#timer?.stop();
  }

  #look(): void {
    this.#timer = this.clock.after(LOOK_EVERY_MS, () => {
      if (!this.folder.isOurs) throw spoolGone(this.folder.path);
      this.#look();
    });
  }
}

const spoolGone = (path: string): MeshError =>
  new MeshError('store/unavailable', `the spool ${path} was removed or replaced while the agent used it`, {
    hint: 'Leave the spool to the agent; scripts can be kept from it by a user of their own. Start the agent again.',
  });
