import type { Stream } from '@scriptmesh/contracts';
import type { OutputEvent } from './output-event.js';

/**
 * How far each stream has been read. After a broken connection pieces may come again or overlap:
 * what was seen is cut off, so that every byte passes once.
 */
export class OutputPosition {
  readonly #read: Record<Stream, number> = { stdout: 0, stderr: 0 };

  /** The part of the event that is new; undefined when all of it was seen before. */
  take(event: OutputEvent): OutputEvent | undefined {
    if (event.kind === 'gap') {
      if (event.stream !== null && event.offset !== null) {
        this.#read[event.stream] = Math.max(this.#read[event.stream], event.offset);
      }
      return event;
    }
    if (event.kind !== 'output') return event;
    const read = this.#read[event.stream];
    const end = event.offset + event.bytes.length;
    if (end <= read) return undefined;
    this.#read[event.stream] = end;
    if (event.offset >= read) return event;
    return { ...event, offset: read, bytes: event.bytes.subarray(read - event.offset) };
  }

  /** Asks a new connection to go on where the last one stopped; an event id is `<stdoutOffset>-<stderrOffset>`. */
  get headers(): Readonly<Record<string, string>> {
    const { stdout, stderr } = this.#read;
    return stdout + stderr === 0 ? {} : { 'last-event-id': `${stdout}-${stderr}` };
  }
}
