import { closeSync, constants, existsSync, openSync, renameSync, unlinkSync } from 'node:fs';
import { Socket, type ConnectOpts, type SocketConstructorOpts } from 'node:net';
import type { FifoPool } from './fifo-pool.js';
import { OutputPipes, PipeSource } from './output-pipes.js';
import { STREAMS, type PerStream, type Stream } from './words.js';

/** One for all pipes: whoever is told of bytes in it is done with them before the next are read. */
const BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/** `onread` reads into one buffer and makes no garbage; Node takes it here, too, though its types do not say so. */
type ReadInto = SocketConstructorOpts & Pick<ConnectOpts, 'onread'>;

const pathOf = (folder: string, stream: Stream): string => `${folder}/${stream}.pipe`;

/** Named pipes in the run's folder, which another supervisor can open again. */
export class FifoPipes extends PipeSource {
  constructor(private readonly pool: FifoPool) {
    super();
  }

  override async make(folder: string): Promise<OutputPipes> {
    const paths = [await this.pool.take(), await this.pool.take()];
    STREAMS.forEach((stream, index) => renameSync(paths[index] as string, pathOf(folder, stream)));
    return new PipesInFolder(folder, true);
  }

  override reopen(folder: string): OutputPipes {
    return new PipesInFolder(folder, false);
  }
}

class PipesInFolder extends OutputPipes {
  readonly #scriptEnds: Partial<Record<Stream, number>> = {};
  /** Opened and not yet drained. */
  readonly #readers: Partial<Record<Stream, number>> = {};
  readonly #sources: Partial<Record<Stream, Socket>> = {};

  constructor(
    private readonly folder: string,
    isForStart: boolean,
  ) {
    super();
    try {
      for (const stream of STREAMS) this.#open(stream, isForStart);
    } catch (error) {
      this.handOver();
      this.letGo();
      throw error;
    }
  }

  /**
   * The ends are open for reading, too: so the script has a reader whatever becomes of us, and never gets SIGPIPE.
   * Being pipes and not the sockets that Node takes for pipes, they can be opened as /dev/stdout and /dev/stderr.
   */
  override get stdio(): PerStream<number> {
    const { stdout, stderr } = this.#scriptEnds;
    if (stdout === undefined || stderr === undefined) throw new Error("the script's ends are handed over already");
    return { stdout, stderr };
  }

  /** A copy of the script's ends that stayed open here would keep the end-of-file away. */
  override handOver(): void {
    closeAll(this.#scriptEnds);
  }

  override drain(stream: Stream, take: (chunk: Uint8Array) => void): Promise<void> {
    const fd = this.#readers[stream];
    if (fd === undefined) return Promise.resolve();
    delete this.#readers[stream];
    const callback = (length: number, bytes: Uint8Array): boolean => {
      take(bytes.subarray(0, length));
      return true;
    };
    const options: ReadInto = { fd, readable: true, writable: false, onread: { buffer: BUFFER, callback } };
    const source = new Socket(options);
    this.#sources[stream] = source;
    // What came so far is the output; there is nobody else to tell of a pipe that broke.
    source.on('error', () => undefined);
    source.once('end', () => this.onEndOfFile(stream));
    source.resume();
    return new Promise((resolve) => source.once('close', () => resolve()));
  }

  override letGo(): void {
    closeAll(this.#readers);
    for (const stream of STREAMS) this.#sources[stream]?.destroy();
  }

  override remove(): void {
    for (const stream of STREAMS) removeIfThere(pathOf(this.folder, stream));
  }

  #open(stream: Stream, isForStart: boolean): void {
    const path = pathOf(this.folder, stream);
    // Before the reader, which would otherwise find an end-of-file at once.
    if (isForStart) this.#scriptEnds[stream] = openSync(path, constants.O_RDWR);
    else if (!existsSync(path)) return;
    this.#readers[stream] = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function closeAll(descriptors: Partial<Record<Stream, number>>): void {
  for (const stream of STREAMS) {
    const descriptor = descriptors[stream];
    delete descriptors[stream];
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
