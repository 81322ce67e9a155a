import type { Readable } from 'node:stream';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { MeshError } from '@scriptmesh/contracts';
import type { Clock } from '@scriptmesh/runtime';

/** The server is silent for 15 s at most (SCRIPT_MESH_STREAM_KEEP_ALIVE_SECONDS); three times that means that the connection is dead without saying so. */
const SILENCE_MS = 45_000;
/** One event carries at most a chunk of output; this is far above it. */
const MAX_EVENT_CHARACTERS = 8 * 1024 * 1024;

/** The events of one connection, in order, without those that `read` does not know. Ends when the server ends; throws what the connection throws. */
export async function* readEventStream<E>(
  body: Readable,
  clock: Clock,
  read: (message: EventSourceMessage) => E | undefined,
): AsyncGenerator<E> {
  const waiting: E[] = [];
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: (message) => {
      const event = read(message);
      if (event !== undefined) waiting.push(event);
    },
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') {
        throw new MeshError('message/malformed', 'the orchestrator sent an event larger than this program accepts');
      }
    },
  });
  const decoder = new TextDecoder();
  const silence = () =>
    clock.after(SILENCE_MS, () =>
      body.destroy(Object.assign(new Error('no sign of life on the stream'), { code: 'ETIMEDOUT' })),
    );
  let timer = silence();
  try {
    for await (const part of body as AsyncIterable<Buffer>) {
      timer.stop();
      timer = silence();
      parser.feed(decoder.decode(part, { stream: true }));
      yield* waiting.splice(0);
    }
  } finally {
    timer.stop();
    body.destroy();
  }
}
