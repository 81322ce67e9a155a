import { Interrupts, type InterruptWatch } from './interrupts.js';

export class ProcessInterrupts extends Interrupts {
  override watch(): InterruptWatch {
    const interrupt = new AbortController();
    const fire = (): void => interrupt.abort(new Error('interrupted'));
    process.on('SIGINT', fire);
    return { signal: interrupt.signal, stop: () => void process.off('SIGINT', fire) };
  }
}
