import { CappedOutput } from './capped-output.js';
import type { MonotonicClock } from './clock.js';
import type { EventLog } from './event-log.js';
import { FlowMark } from './flow-mark.js';
import { OutputAnnouncer } from './output-announcer.js';
import type { OutputPipes } from './output-pipes.js';
import { STREAMS, type PerStream, type RunLimits, type Stream } from './words.js';

type Tell = (stream: Stream, length: number) => void;

/** What is kept of a run's two streams, in the files of its folder. */
export class RunOutput {
  private constructor(
    private readonly files: PerStream<CappedOutput>,
    private readonly folder: string,
    private readonly clock: MonotonicClock,
  ) {}

  static create({ folder, outputMaxBytes }: RunLimits, clock: MonotonicClock): RunOutput {
    return new RunOutput(
      openBoth(folder, (path) => CappedOutput.create(path, outputMaxBytes)),
      folder,
      clock,
    );
  }

  /** Goes on after what another supervisor has kept, unless bytes may be missing there: what is kept stays a true beginning. */
  static continue({ runId, folder, outputMaxBytes }: RunLimits, clock: MonotonicClock, log: EventLog): RunOutput {
    const open = (path: string): CappedOutput => {
      const isBroken = FlowMark.stands(markOf(path));
      if (isBroken) log.warn('run.output-cut', { runId, file: path });
      return CappedOutput.continue(path, isBroken ? 0 : outputMaxBytes);
    };
    return new RunOutput(openBoth(folder, open), folder, clock);
  }

  get lengths(): PerStream<number> {
    return { stdout: this.files.stdout.length, stderr: this.files.stderr.length };
  }

  /** Resolves when both pipes are at their ends; tells of bytes that are in a file, the last of them included. */
  async drain(pipes: OutputPipes, tell: Tell): Promise<void> {
    await Promise.all(STREAMS.map((stream) => this.#drainOne(stream, pipes, tell)));
  }

  /** Makes the kept bytes durable and lets go of the files. */
  async close(): Promise<void> {
    await Promise.all([this.files.stdout.close(), this.files.stderr.close()]);
  }

  /** What was kept, once all is drained; the tails are durable. */
  async sum() {
    const [stdout, stderr] = await Promise.all([this.files.stdout.sum(), this.files.stderr.sum()]);
    return {
      lengths: { stdout: stdout.length, stderr: stderr.length },
      sha256: { stdout: stdout.sha256, stderr: stderr.sha256 },
      dropped: { stdout: stdout.dropped, stderr: stderr.dropped },
      ...(stdout.dropped + stderr.dropped > 0 ? { tails: { stdout: stdout.tail, stderr: stderr.tail } } : {}),
    };
  }

  async #drainOne(stream: Stream, pipes: OutputPipes, tell: Tell): Promise<void> {
    const file = this.files[stream];
    const announcer = new OutputAnnouncer(this.clock, (length) => tell(stream, length));
    const mark = new FlowMark(this.clock, markOf(`${this.folder}/${stream}`));
    await pipes.drain(stream, (chunk) => {
      const before = file.length;
      file.take(chunk);
      if (file.length === before) return;
      mark.note();
      announcer.grown(file.length);
    });
    mark.clear();
    announcer.finish();
  }
}

const markOf = (path: string): string => `${path}.flowing`;

function openBoth(folder: string, open: (path: string) => CappedOutput): PerStream<CappedOutput> {
  const stdout = open(`${folder}/stdout`);
  try {
    return { stdout, stderr: open(`${folder}/stderr`) };
  } catch (error) {
    void stdout.close();
    throw error;
  }
}
