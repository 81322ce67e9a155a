import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger.js';

/** Lets Nest's own lines go the way of all others; its start-up chatter becomes debug. */
export class NestLogAdapter implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: readonly unknown[]): void {
    this.logger.debug('nest.log', { text: textOf(message), context: rest.at(-1) });
  }
  debug(message: unknown, ...rest: readonly unknown[]): void {
    this.logger.debug('nest.debug', { text: textOf(message), context: rest.at(-1) });
  }
  verbose(message: unknown, ...rest: readonly unknown[]): void {
    this.debug(message, ...rest);
  }
  warn(message: unknown, ...rest: readonly unknown[]): void {
    this.logger.warn('nest.warn', { text: textOf(message), context: rest.at(-1) });
  }
  /** Nest gives the message, or the error itself, then perhaps a stack, then the context. */
  error(message: unknown, ...rest: readonly unknown[]): void {
    const stack = rest.length > 1 ? { stack: rest[0] } : {};
    const what = message instanceof Error ? { error: message } : { text: textOf(message) };
    this.logger.error('nest.error', { ...what, ...stack, context: rest.at(-1) });
  }
  fatal(message: unknown, ...rest: readonly unknown[]): void {
    this.error(message, ...rest);
  }
}

const textOf = (message: unknown): unknown => (typeof message === 'object' ? message : String(message));
