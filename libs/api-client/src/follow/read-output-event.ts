import type { EventSourceMessage } from 'eventsource-parser';
import { MeshError, type Stream, STREAMS } from '@scriptmesh/contracts';
import { readRun } from '../read-answer.js';
import type { OutputEvent } from './output-event.js';

/** One server-sent event in our words; undefined for a kind this program does not know, which is passed over. */
export function readOutputEvent(message: EventSourceMessage, url: string): OutputEvent | undefined {
  switch (message.event) {
    case 'output':
      return readOutput(readData(message));
    case 'gap':
      return readGap(readData(message));
    case 'end':
      return { kind: 'end', run: readRun(readData(message), url) };
    default:
      return undefined;
  }
}

function readOutput(data: Record<string, unknown>): OutputEvent {
  const { stream, offset, text, base64 } = data;
  if (!isStream(stream) || !isOffset(offset)) throw unreadable('output');
  if (typeof base64 === 'string') return { kind: 'output', stream, offset, bytes: Buffer.from(base64, 'base64') };
  if (typeof text === 'string') return { kind: 'output', stream, offset, bytes: Buffer.from(text, 'utf8') };
  throw unreadable('output');
}

function readGap({ stream, offset, missing }: Record<string, unknown>): OutputEvent {
  return {
    kind: 'gap',
    stream: isStream(stream) ? stream : null,
    offset: isOffset(offset) ? offset : null,
    missing: isOffset(missing) ? missing : null,
  };
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
const isStream = (value: unknown): value is Stream => (STREAMS as readonly unknown[]).includes(value);
const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
