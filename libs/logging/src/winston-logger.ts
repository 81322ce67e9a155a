import { createLogger, format, transports, type Logger as Winston } from 'winston';
import { currentLogContext } from './log-context.js';
import { Logger, type LogFields } from './logger.js';
import { toReadableLine } from './readable-line.js';
import { Redactor } from './redact.js';

export interface WinstonLoggerOptions {
  /** As in `orchestrator`; stands in every line. */
  readonly program: string;
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  /** A readable line instead of JSON; the default is: when stderr is a terminal. */
  readonly readable?: boolean;
  /** Where lines go; stderr by default, because stdout is kept for the ready line and data. */
  readonly stream?: NodeJS.WritableStream;
}

/** Fields that make up the line itself; a fact of the same name is shown with a `_` behind it. */
const RESERVED = new Set(['timestamp', 'level', 'program', 'event', 'message']);

/** Events with fields, as JSON lines or readable ones, through winston. */
export class WinstonLogger extends Logger {
  readonly #winston: Winston;
  readonly #redactor = new Redactor();

  constructor(options: WinstonLoggerOptions) {
    super();
    const stream = options.stream ?? process.stderr;
    const readable = options.readable ?? (options.stream === undefined && process.stderr.isTTY === true);
    // Nobody reads any more: no reason to stop the program. Without a listener it would be an uncaught exception.
    stream.on('error', () => {});
    this.#winston = createLogger({
      level: options.level,
      format: format.combine(format.timestamp(), readable ? READABLE : JSON_LINE),
      defaultMeta: { program: options.program },
      transports: [new transports.Stream({ stream })],
    });
  }

  /** From now on this text is replaced in every line. Give it every key that the program holds. */
  registerSecret(secret: string): void {
    this.#redactor.registerSecret(secret);
  }

  override debug(event: string, fields?: LogFields): void {
    this.#log('debug', event, fields);
  }
  override info(event: string, fields?: LogFields): void {
    this.#log('info', event, fields);
  }
  override warn(event: string, fields?: LogFields): void {
    this.#log('warn', event, fields);
  }
  override error(event: string, fields?: LogFields): void {
    this.#log('error', event, fields);
  }

  #log(level: string, event: string, given: LogFields = {}): void {
    if (!this.#winston.isLevelEnabled(level)) return;
    this.#winston.log({ level, message: this.#redactor.redactText(event), fields: this.#fieldsOf(given) });
  }

  /** A field that cannot be read must not keep the line from being written, nor stop who writes it. */
  #fieldsOf(given: LogFields): Record<string, unknown> {
    try {
      return this.#redactor.redact({ ...currentLogContext(), ...given }) as Record<string, unknown>;
    } catch (error) {
      return { unreadableFields: this.#redactor.redactText(String(error)) };
    }
  }
}

const JSON_LINE = format.printf(({ timestamp, level, program, message, fields }) => {
  const facts = Object.entries(fields as object).map(([name, value]) => [
    RESERVED.has(name) ? `${name}_` : name,
    value,
  ]);
  return JSON.stringify({ timestamp, level, program, event: message, ...Object.fromEntries(facts) });
});

const READABLE = format.printf(({ timestamp, level, program, message, fields }) =>
  toReadableLine({
    timestamp: String(timestamp),
    level,
    program: String(program),
    event: String(message),
    fields: fields as Record<string, unknown>,
  }),
);
