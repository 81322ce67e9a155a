import type { EventSourceMessage } from 'eventsource-parser';
import { MeshError } from '@scriptmesh/contracts';
import type { LogEvent } from './log-event.js';

const GAPS: Readonly<Record<string, string>> = {
  rotated: 'the file was replaced by a new one',
  truncated: 'the file was emptied or cut',
  bound: 'more was written than is shown',
};

/** One server-sent event in our words; undefined for a kind this program does not know, which is passed over. */
export function readLogEvent(message: EventSourceMessage): LogEvent | undefined {
  switch (message.event) {
    case 'output':
      return { kind: 'output', bytes: readBytes(readData(message)) };
    case 'gap':
      return { kind: 'gap', why: GAPS[String(readData(message)['reason'])] ?? 'some of the log is missing' };
    case 'waiting':
      return { kind: 'waiting', why: String(readData(message)['detail']) };
    default:
      return undefined;
  }
}

function readBytes({ text, base64 }: Record<string, unknown>): Buffer {
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64');
  if (typeof text === 'string') return Buffer.from(text, 'utf8');
  throw unreadable('output');
}

function readData(message: EventSourceMessage): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(message.data);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below, in our words.
  }
  throw unreadable(message.event ?? 'message');
}

const unreadable = (kind: string): MeshError =>
  new MeshError('message/malformed', `the orchestrator sent an event "${kind}" that this program cannot read`);
