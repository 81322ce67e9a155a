/** Names beyond these are one label value together. */
const MOST_NAMES = 200;
const OTHER = 'other';

/**
 * Names that may become the value of a label: only what was proved to exist is learnt, and not without end, so that
 * nobody can fill the memory of those who watch us by asking for what does not exist.
 */
export class KnownNames {
  readonly #names = new Set<string>();

  learn(name: string): void {
    if (this.#names.size < MOST_NAMES) this.#names.add(name);
  }

  /** The name itself when it is known, else `other`. */
  labelOf(name: string): string {
    return this.#names.has(name) ? name : OTHER;
  }
}
