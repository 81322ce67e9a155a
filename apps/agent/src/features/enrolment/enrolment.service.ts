import type { AgentSettings } from '@scriptmesh/config';
import type { Clock, Timer } from '@scriptmesh/runtime';
import type { OrchestratorMail, WelcomeGate } from '../link/index.js';
import type { ManifestReader } from '../manifest/index.js';
import type { Greeter } from './greeter.js';
import type { NodeFacts } from './node-facts.js';
import type { Registrar } from './registrar.js';
import type { Registration } from './registration-api.js';
import type { SignsOfLife } from './signs-of-life.js';

const FIRST_HELLO_PAUSE_MS = 250;
const LAST_HELLO_PAUSE_MS = 10_000;

interface EnrolmentParts {
  readonly mail: OrchestratorMail;
  readonly gate: WelcomeGate;
  readonly greeter: Greeter;
  readonly registrar: Registrar;
  readonly signs: SignsOfLife;
  readonly manifest: ManifestReader;
  readonly node: NodeFacts;
  readonly settings: AgentSettings;
  readonly clock: Clock;
}

/** Makes the agent known and keeps it so: registration, hello until the welcome, heartbeats, news of the manifest. */
export class EnrolmentService {
  #registration: Registration | undefined;
  #helloTimer: Timer | undefined;
  #beatTimer: Timer | undefined;
  #isStopped = false;
  #hellosInVain = 0;

  constructor(private readonly parts: EnrolmentParts) {
    const { mail, greeter, manifest } = parts;
    mail.handle('welcome', (header) => greeter.receiveWelcome(header));
    mail.handle('journal/retired', (header) => greeter.receiveRetired(header));
    mail.handle('helloWanted', async () => greeter.wantHello());
    mail.handle('manifestWanted', async () => [await parts.signs.manifestNews()]);
    mail.onTurn((isPoll) => greeter.takeWaiting(isPoll));
    mail.onForgotten(() => this.#registerAgain());
    manifest.onChange(() => void this.#tellManifest());
  }

  /**
   * Call once the http door is open: the orchestrator may knock as soon as it knows the address.
   * @param listeningAt null for an agent without a door, which only dials
   */
  start(listeningAt: string | null): void {
    const { settings, node } = this.parts;
    const { name, key, transport, labels } = settings;
    const url = listeningAt === null ? null : (settings.url ?? listeningAt);
    this.#registration = { name, url, key, transport, labels, facts: node.facts() };
    this.#register();
    this.#scheduleBeat();
  }

  stop(): void {
    this.#isStopped = true;
    this.#helloTimer?.stop();
    this.#beatTimer?.stop();
    this.parts.registrar.stop();
  }

  #register(): void {
    if (!this.#registration || this.#isStopped) return;
    void this.parts.registrar.registerUntilDone(this.#registration, () => void this.#helloUntilWelcome());
  }

  /** The orchestrator does not know this agent any more; whatever it knew of its journal is gone, too. */
  #registerAgain(): void {
    this.parts.gate.shut();
    this.#register();
  }

  async #helloUntilWelcome(): Promise<void> {
    this.#helloTimer?.stop();
    const { mail, gate, greeter, clock } = this.parts;
    if (this.#isStopped) return;
    if (!gate.isHelloWanted) {
      this.#hellosInVain = 0;
      return;
    }
    await mail.send([await greeter.hello()]);
    if (this.#isStopped) return;
    // A welcome that comes on another way than the answer is noticed at the next look.
    const pauseMs = Math.min(LAST_HELLO_PAUSE_MS, FIRST_HELLO_PAUSE_MS * 2 ** Math.min(this.#hellosInVain, 10));
    this.#hellosInVain += 1;
    if (gate.isHelloWanted) this.#helloTimer = clock.after(pauseMs, () => void this.#helloUntilWelcome());
    else this.#hellosInVain = 0;
  }

  #scheduleBeat(): void {
    if (this.#isStopped) return;
    const { clock, settings } = this.parts;
    this.#beatTimer = clock.after(settings.heartbeatIntervalSeconds * 1000, () => void this.#beat());
  }

  async #beat(): Promise<void> {
    const { mail, gate, signs } = this.parts;
    try {
      if (gate.isHelloWanted) await this.#helloUntilWelcome();
      else await mail.send([{ message: await signs.heartbeat() }]);
    } finally {
      this.#scheduleBeat();
    }
  }

  async #tellManifest(): Promise<void> {
    const { mail, gate, signs } = this.parts;
    // Should it not arrive, the next heartbeat tells of another hash, and the orchestrator asks for it.
    if (gate.isOpen && !this.#isStopped) await mail.send([await signs.manifestNews()]);
  }
}
