import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Logger } from '@scriptmesh/logging';
import { DispatchWakes } from './dispatch.service.js';
import { Reconcile } from './reconcile.js';

const NAME = 'reconcile';
const EVERY_MS = 60_000;

/** Reconciles every minute, never twice at once. */
@Injectable()
export class ReconcileSchedule implements OnApplicationBootstrap, OnApplicationShutdown {
  #working: Promise<void> | undefined;

  constructor(
    private readonly reconcile: Reconcile,
    private readonly wakes: DispatchWakes,
    private readonly scheduler: SchedulerRegistry,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.scheduler.addInterval(NAME, setInterval(() => this.#start(), EVERY_MS).unref());
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.scheduler.doesExist('interval', NAME)) this.scheduler.deleteInterval(NAME);
    await this.#working;
  }

  #start(): void {
    this.#working ??= this.#work()
      .catch((error: unknown) => this.log.error('dispatch.reconcile-failed', { error }))
      .finally(() => (this.#working = undefined));
  }

  async #work(): Promise<void> {
    await this.wakes.lookAfterWaiting();
    await this.reconcile.sweep();
  }
}
