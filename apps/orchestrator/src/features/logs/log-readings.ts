import { Injectable } from '@nestjs/common';
import { MeshError } from '@scriptmesh/contracts';

const MAX_OF_ONE_SOURCE = 8;
const MAX_AT_ALL = 64;

/**
 * Bounds how many callers read or follow logs at a time. Each has at most one question on its way, so this bounds
 * what is asked of agents as well; an agent answers four of them at once.
 */
@Injectable()
export class LogReadings {
  readonly #bySource = new Map<string, number>();
  #all = 0;

  /** @throws MeshError request/too-many */
  async hold<T>(label: string, work: () => Promise<T>): Promise<T> {
    const held = this.#bySource.get(label) ?? 0;
    if (held >= MAX_OF_ONE_SOURCE) throw tooMany(`the logs of ${label} are read by ${held} others`);
    if (this.#all >= MAX_AT_ALL) throw tooMany(`logs are read by ${this.#all} others`);
    this.#bySource.set(label, held + 1);
    this.#all += 1;
    try {
      return await work();
    } finally {
      const left = (this.#bySource.get(label) ?? 1) - 1;
      if (left === 0) this.#bySource.delete(label);
      else this.#bySource.set(label, left);
      this.#all -= 1;
    }
  }
}

const tooMany = (detail: string): MeshError => new MeshError('request/too-many', detail, { retryAfterSeconds: 1 });
