import { Writable } from 'node:stream';
import type { LogFile } from './log-file.js';

/**
 * The log file as winston's stream transport wants it. Takes every line at once, so that nothing gathers in the stream.
 * (winston's own base class for transports is missing from its types.)
 */
export const logFileStream = (file: LogFile): Writable =>
  new Writable({
    decodeStrings: false,
    write: (line: string, _encoding, done) => {
      file.append(line);
      done();
    },
  });
