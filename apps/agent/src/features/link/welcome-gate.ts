/**
 * Shut until the orchestrator has welcomed this start of the agent: until then no offer, cancel or ask is answered,
 * because the spool may be older than what the orchestrator was told of. Enrolment opens and shuts it.
 */
export class WelcomeGate {
  #isOpen = false;
  #isHelloWanted = true;
  readonly #listeners: (() => void)[] = [];

  get isOpen(): boolean {
    return this.#isOpen;
  }
  /** Is a hello due, because the gate is shut or a frame named another journal? */
  get isHelloWanted(): boolean {
    return this.#isHelloWanted;
  }

  open(): void {
    this.#isOpen = true;
    this.#isHelloWanted = false;
    for (const listener of this.#listeners) listener();
  }
  shut(): void {
    this.#isOpen = false;
    this.#isHelloWanted = true;
  }
  wantHello(): void {
    this.#isHelloWanted = true;
  }
  onOpen(listener: () => void): void {
    this.#listeners.push(listener);
  }
}
