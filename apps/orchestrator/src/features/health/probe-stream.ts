import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Clock } from '@scriptmesh/runtime';
import type { Response } from 'express';

/** A stream that says `begin`, is silent, and says `end`: whoever follows it learns what a proxy on the way does to streams. */
@Injectable()
export class ProbeStream implements BeforeApplicationShutdown {
  readonly #open = new Set<Response>();

  constructor(private readonly clock: Clock) {}

  beforeApplicationShutdown(): void {
    for (const response of this.#open) response.end();
  }

  send(silenceSeconds: number, response: Response): void {
    response.status(200).set({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    response.write(this.#event('begin'));
    this.#open.add(response);
    const timer = this.clock.after(silenceSeconds * 1000, () => response.end(this.#event('end')));
    response.once('close', () => {
      timer.stop();
      this.#open.delete(response);
    });
  }

  #event(name: string): string {
    return `event: ${name}\ndata: ${JSON.stringify({ at: new Date(this.clock.nowMs()).toISOString() })}\n\n`;
  }
}
