import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const SECRET = 'what lies outside must never be seen';

/** A data folder in a temporary home, with `secret.txt` beside it. */
export class DataHome {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'scriptmesh-files-')));
  readonly data = join(this.path, 'data');
  readonly secret = join(this.path, 'secret.txt');
  #socket: Server | undefined;

  constructor() {
    mkdirSync(this.data);
    writeFileSync(this.secret, SECRET);
  }

  /** @param path below the data folder */
  at(path: string): string {
    return join(this.data, path);
  }

  write(path: string, content: string | Uint8Array = ''): string {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content);
    return this.at(path);
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    symlinkSync(target, this.at(path));
  }

  fifo(path: string): void {
    execFileSync('mkfifo', [this.at(path)]);
  }

  async socket(path: string): Promise<void> {
    const server = createServer();
    this.#socket = server;
    await new Promise<void>((resolve) => server.listen(this.at(path), resolve));
  }

  /** Descriptors of this process that lead here; none may stay behind. */
  countOpen(): number {
    return readdirSync('/proc/self/fd').filter((fd) => whereIs(fd).startsWith(this.path)).length;
  }

  remove(): void {
    this.#socket?.close();
    rmSync(this.path, { recursive: true, force: true });
  }
}

function whereIs(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return ''; // Closed meanwhile.
  }
}
