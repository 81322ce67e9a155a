import { Interrupts, type InterruptWatch } from './interrupts.js';

const ENDINGS = ['SIGINT', 'SIGTERM'] as const;

export class ProcessInterrupts extends Interrupts {
  override watch(): InterruptWatch {
    const interrupt = new AbortController();
    const fire = (): void => interrupt.abort(new Error('interrupted'));
    for (const ending of ENDINGS) process.on(ending, fire);
    const stop = (): void => {
      for (const ending of ENDINGS) process.off(ending, fire);
    };
    return { signal: interrupt.signal, stop };
  }
}
