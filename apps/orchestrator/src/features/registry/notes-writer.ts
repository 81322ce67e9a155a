import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Logger } from '@scriptmesh/logging';
import { Clock, type Timer } from '@scriptmesh/runtime';
import { AgentNotes } from './agent-notes.js';

const EVERY_MS = 2000;

/** Writes agents' signs of life down every two seconds, and once more at the end. */
@Injectable()
export class NotesWriter implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: Timer | undefined;

  constructor(
    private readonly notes: AgentNotes,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = this.clock.after(EVERY_MS, () => void this.#writeAndGoOn());
  }

  async onApplicationShutdown(): Promise<void> {
    this.#timer?.stop();
    this.#timer = undefined;
    await this.#write();
  }

  async #writeAndGoOn(): Promise<void> {
    await this.#write();
    if (this.#timer) this.onApplicationBootstrap();
  }

  async #write(): Promise<void> {
    await this.notes.flush().catch((error: unknown) => this.log.warn('registry.notes-not-written', { error }));
  }
}
