import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { STREAMS, type OutputTail, type PerStream, type Stream } from '@scriptmesh/contracts';

interface ReadTails {
  readonly tails: PerStream<OutputTail | null>;
  /** Of stdout, then of stderr. */
  readonly bytes: Uint8Array;
}

/** The tails that stand in a run's folder. One that is not as it was recorded is left out; undefined when none is left. */
export async function readTails(
  folder: string,
  recorded: PerStream<OutputTail | null>,
): Promise<ReadTails | undefined> {
  const [stdout, stderr] = await Promise.all(STREAMS.map((stream) => readOne(folder, stream, recorded[stream])));
  if (!stdout && !stderr) return undefined;
  return {
    tails: { stdout: stdout ? recorded.stdout : null, stderr: stderr ? recorded.stderr : null },
    bytes: Buffer.concat([stdout ?? NOTHING, stderr ?? NOTHING]),
  };
}

const NOTHING = new Uint8Array(0);

async function readOne(folder: string, stream: Stream, tail: OutputTail | null): Promise<Buffer | undefined> {
  if (!tail) return undefined;
  const bytes = await readFile(join(folder, `${stream}.tail`)).catch(() => undefined);
  if (bytes?.length !== tail.length) return undefined;
  return createHash('sha256').update(bytes).digest('hex') === tail.sha256 ? bytes : undefined;
}
