/** Logging through winston behind one small port; secrets are redacted by construction. */
export { Logger, type LogFields } from './logger.js';
export { currentLogContext, withLogContext } from './log-context.js';
export { NestLogAdapter } from './nest-log-adapter.js';
export { WinstonLogger } from './winston-logger.js';
