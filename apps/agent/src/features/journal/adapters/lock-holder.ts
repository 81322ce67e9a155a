import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

/**
 * Who holds the lock of a spool, and whether it still lives. In one space of process ids that is told by pid, start and
 * boot. Containers that share a spool have a space each, so there the holder keeps a socket open in the spool: its system
 * shuts it with the process, and it can be asked from everywhere on the host.
 *
 * As text `<pid> <start> <boot> <space> <socket>`, short enough to lie in the inode of a link (59 bytes on ext4).
 */
export class LockHolder {
  private constructor(
    readonly text: string,
    private readonly socket: string,
    private readonly server: Server | undefined,
  ) {}

  static async open(spool: string): Promise<LockHolder> {
    const space = spaceOfPids();
    const name = space === '-' ? '-' : `lock-${randomBytes(3).toString('hex')}`;
    const server = space === '-' ? undefined : await listen(spool, name);
    const text = [process.pid, startTicks(process.pid), bootId().slice(0, 8), space, name].join(' ');
    return new LockHolder(text, join(spool, name), server);
  }

  close(): void {
    this.server?.close();
    rmSync(this.socket, { force: true });
  }

  /** @param holder text of a lock; of an alpha version it ends after the boot */
  static async isAlive(spool: string, holder: string): Promise<boolean> {
    const [pidText = '', ticks, boot = '', space = '-', name = '-'] = holder.split(' ');
    if (!/^[1-9]\d*$/.test(pidText) || boot === '' || !bootId().startsWith(boot.slice(0, 8))) return false;
    if (space !== '-' && space !== spaceOfPids()) return isSocketName(name) && answers(spool, name);
    const pid = Number(pidText);
    return isThere(pid) && startTicks(pid) === ticks;
  }

  /** Removes the socket of a dead holder. */
  static tidyAfter(spool: string, holder: string): void {
    const name = holder.split(' ')[4];
    if (isSocketName(name)) rmSync(join(spool, name), { force: true });
  }
}

const isSocketName = (name: string | undefined): name is string => /^lock-[0-9a-f]{6}$/.test(name ?? '');

/** By the open folder, since a spool's path may be longer than a socket's may. */
async function byOpenFolder<T>(spool: string, work: (folder: string) => Promise<T>): Promise<T> {
  const opened = openSync(spool, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return await work(`/proc/self/fd/${opened}`);
  } finally {
    closeSync(opened);
  }
}

function listen(spool: string, name: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy()).unref();
  return byOpenFolder(
    spool,
    (folder) =>
      new Promise<Server>((resolve, reject) => {
        server.once('error', reject);
        server.listen(`${folder}/${name}`, () => resolve(server));
      }),
  );
}

/** Only a socket that is gone or that nobody holds open proves a death; one that is too busy to answer does not. */
function answers(spool: string, name: string): Promise<boolean> {
  return byOpenFolder(
    spool,
    (folder) =>
      new Promise<boolean>((resolve) => {
        const socket = connect(`${folder}/${name}`);
        socket.once('connect', () => resolve(true));
        socket.once('error', ({ code }: NodeJS.ErrnoException) =>
          resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
        );
        socket.once('close', () => socket.destroy());
      }),
  );
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return true;
}

/** `ended` for one that nobody has waited for yet. */
function startTicks(pid: number): string {
  const text = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The program's name stands in brackets and may hold blanks; field 22 is the 20th after it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : (fields[19] ?? '-');
}

const bootId = (): string => read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
/** Such as `4026531836`; `-` where there are no spaces of process ids. */
const spaceOfPids = (): string => /\d+/.exec(read(() => readlinkSync('/proc/self/ns/pid')))?.[0] ?? '-';

function read(how: () => string): string {
  try {
    return how();
  } catch {
    return '-';
  }
}
