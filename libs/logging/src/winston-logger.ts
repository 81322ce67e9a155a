import { SystemClock, type Clock } from '@scriptmesh/runtime';
import { createLogger, format, transports, type Logform, type Logger as Winston } from 'winston';
import { localTimestamp } from './files/local-time.js';
import { logFileStream } from './files/log-file-stream.js';
import type { LogFile } from './files/log-file.js';
import { currentLogContext } from './log-context.js';
import { Logger, type LogFields } from './logger.js';
import { toReadableLine } from './readable-line.js';
import { Redactor } from './redact.js';
import { gatheredStderr } from './gathering-stream.js';

export interface WinstonLoggerOptions {
  /** As in `orchestrator`; stands in every line. */
  readonly program: string;
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  /** A readable line instead of JSON; the default is: when stderr is a terminal. */
  readonly readable?: boolean;
  /** Where lines go; stderr by default, because stdout is kept for the ready line and data. Null = only into the file. */
  readonly stream?: NodeJS.WritableStream | null;
  /** Lines go here as well; closed with the logger. */
  readonly file?: LogFile;
  /** The system's by default. */
  readonly clock?: Clock;
}

/** Fields that make up the line itself; a fact of the same name is shown with a `_` behind it. */
const RESERVED = new Set(['timestamp', 'level', 'program', 'event', 'message']);

/** Events with fields, as JSON lines or readable ones, and in a file, through winston. What is redacted is so for all of them. */
export class WinstonLogger extends Logger {
  readonly #winston: Winston;
  readonly #redactor = new Redactor();
  readonly #clock: Clock;
  readonly #file: LogFile | undefined;

  constructor(options: WinstonLoggerOptions) {
    super();
    this.#clock = options.clock ?? new SystemClock();
    this.#file = options.file;
    this.#winston = createLogger({
      level: options.level,
      format: ANY,
      defaultMeta: { program: options.program },
      transports: [...consoleOf(options), ...fileOf(options)],
    });
    this.#file?.listen({
      onFault: (path, error) => this.warn('log.file-failed', { path, error, remedy: FILE_REMEDY }),
      onDropped: (lines) => this.warn('log.lines-dropped', { lines, why: 'the disk was too slow or full' }),
    });
  }

  /** Writes what waits for the file. Lines that come later are written at once. */
  async close(): Promise<void> {
    await this.#file?.close();
  }

  /** The same before it returns: for the end of a process, whatever ends it. */
  flushNow(): void {
    this.#file?.flushNow();
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
    const message = this.#redactor.redactText(event);
    const timestamp = new Date(this.#clock.nowMs()).toISOString();
    this.#winston.log({ level, message, timestamp, fields: this.#fieldsOf(given) });
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

const READABLE = format.printf((info) => toReadableLine({ ...partsOf(info), timestamp: String(info['timestamp']) }));

/** As 0.2 wrote it, local time; the frames of a stack stand in the same line, so that ids are in every line. */
const FILE_LINE = format.printf((info) => {
  const timestamp = localTimestamp(Date.parse(String(info['timestamp'])));
  return toReadableLine({ ...partsOf(info), timestamp }).replaceAll('\n', '');
});

const partsOf = ({ level, message, ...rest }: Logform.TransformableInfo) => ({
  level,
  program: String(rest['program']),
  event: String(message),
  fields: rest['fields'] as Record<string, unknown>,
});

/** Each transport makes its own line. */
const ANY = format((info) => info)();

const FILE_REMEDY =
  'Lines go to the console; those for the file wait, and are dropped when they become too many. Mend the disk or the permissions of the folder.';

function consoleOf({ stream: given, readable }: WinstonLoggerOptions): transports.StreamTransportInstance[] {
  if (given === null) return [];
  const stream = given ?? gatheredStderr();
  const isReadable = readable ?? (given === undefined && process.stderr.isTTY === true);
  // Nobody reads any more: no reason to stop the program. Without a listener it would be an uncaught exception.
  given?.on('error', () => {});
  return [new transports.Stream({ stream, format: isReadable ? READABLE : JSON_LINE })];
}

const fileOf = ({ file }: WinstonLoggerOptions): transports.StreamTransportInstance[] =>
  file ? [new transports.Stream({ stream: logFileStream(file), eol: '', format: FILE_LINE })] : [];
