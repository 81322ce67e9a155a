import type { WebSocket } from 'ws';

/** Posts of one socket that are in work at the same time, by number and by bytes; further ones stay in the network. */
const MOST_POSTS = 64;
const MOST_BYTES = 16 * 1024 * 1024;

/** Stops reading from a socket whose posts are not handled as fast as they come. */
export class Intake {
  #posts = 0;
  #bytes = 0;

  constructor(private readonly socket: Pick<WebSocket, 'pause' | 'resume'>) {}

  /** While it holds, nothing is read, a pong neither. */
  get isPaused(): boolean {
    return this.#posts >= MOST_POSTS || this.#bytes >= MOST_BYTES;
  }

  /** @returns what to call, once, when the post is done */
  take(bytes: number): () => void {
    this.#change(1, bytes);
    return () => this.#change(-1, -bytes);
  }

  #change(posts: number, bytes: number): void {
    const wasPaused = this.isPaused;
    this.#posts += posts;
    this.#bytes += bytes;
    if (this.isPaused === wasPaused) return;
    if (wasPaused) this.socket.resume();
    else this.socket.pause();
  }
}
