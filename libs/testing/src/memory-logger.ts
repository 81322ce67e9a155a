import { Logger, type LogFields } from '@scriptmesh/logging';

interface LoggedEvent {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: LogFields;
}

/** Keeps what was logged, as it was given: nothing is redacted. */
export class MemoryLogger extends Logger {
  readonly entries: LoggedEvent[] = [];

  override debug(event: string, fields: LogFields = {}): void {
    this.entries.push({ level: 'debug', event, fields });
  }
  override info(event: string, fields: LogFields = {}): void {
    this.entries.push({ level: 'info', event, fields });
  }
  override warn(event: string, fields: LogFields = {}): void {
    this.entries.push({ level: 'warn', event, fields });
  }
  override error(event: string, fields: LogFields = {}): void {
    this.entries.push({ level: 'error', event, fields });
  }

  /** The fields of every line about this event, in the order they came. */
  fieldsOf(event: string): readonly LogFields[] {
    return this.entries.filter((entry) => entry.event === event).map(({ fields }) => fields);
  }
}
