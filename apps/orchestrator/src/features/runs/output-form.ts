import { formatEvent, type Position } from './output-events.js';

/** How live output is written down. `output` and `gap` come with their stream and offset, `end` with the run. */
export interface OutputForm {
  readonly contentType: string;
  /** @param at the next byte of each stream, after this event */
  readonly format: (event: 'output' | 'gap' | 'end', data: object, at: Position) => string;
  /** Says nothing, and is passed over by every reader; keeps what lies between from closing the connection. */
  readonly keepAlive: string;
}

export const SERVER_SENT_EVENTS: OutputForm = {
  contentType: 'text/event-stream; charset=utf-8',
  format: formatEvent,
  keepAlive: ':\n\n',
};

/** One JSON value a line. A piece of output stands as it is; everything else says what it is. */
export const LINES: OutputForm = {
  contentType: 'application/x-ndjson; charset=utf-8',
  format: (event, data) => `${JSON.stringify(lineOf(event, data))}\n`,
  keepAlive: '\n',
};

function lineOf(event: 'output' | 'gap' | 'end', data: object): object {
  if (event === 'output') return data;
  return event === 'gap' ? { event, ...data } : { event, run: data };
}
