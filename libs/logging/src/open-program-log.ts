import { join } from 'node:path';
import type { Clock } from '@scriptmesh/runtime';
import { LogFile } from './files/log-file.js';
import { WinstonLogger, type WinstonLoggerOptions } from './winston-logger.js';

const BYTES_PER_MEGABYTE = 1_000_000;

/** The settings that say where a program's log files are and how large they may become. */
export interface LogSettings {
  /** Its folder `logs` takes the files. */
  readonly home: string;
  readonly logMaxFiles: number;
  readonly logMaxMegabytes: number;
}

interface ProgramLogOptions extends Pick<WinstonLoggerOptions, 'program' | 'level' | 'stream'> {
  readonly settings: LogSettings;
  readonly clock: Clock;
  /** False for a command that ends soon: it rotates when it writes, and tidies only what it has rotated. */
  readonly staysUp: boolean;
}

/** The log of a whole program, with its file. Close it at a graceful stop; any other end of the process flushes it too. */
export function openProgramLog({ settings, staysUp, ...options }: ProgramLogOptions): WinstonLogger {
  const { program, clock } = options;
  const bounds = { maxFiles: settings.logMaxFiles, maxBytes: settings.logMaxMegabytes * BYTES_PER_MEGABYTE };
  const file = new LogFile({ folder: join(settings.home, 'logs'), program, bounds, clock, staysUp });
  const log = new WinstonLogger({ ...options, file });
  process.once('exit', () => log.flushNow());
  return log;
}
