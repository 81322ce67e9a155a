import { Ids } from '@scriptmesh/runtime';

/** Ids that count up, so that tests can foresee them; they are valid UUIDv7 texts and sort in the order they were made. */
export class CountedIds extends Ids {
  #count = 0;

  override uuid(): string {
    this.#count += 1;
    return `019b7600-0000-7000-8000-${this.#count.toString(16).padStart(12, '0')}`;
  }
  override randomHex(bytes: number): string {
    this.#count += 1;
    return this.#count.toString(16).padStart(bytes * 2, '0');
  }
  override fraction(): number {
    return 0.5;
  }
}
