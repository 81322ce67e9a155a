import { statSync, type Stats } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MeshError } from '@scriptmesh/contracts';
import { judgePermissions } from '../domain/permissions.js';
import { readBoundedFile } from './read-bounded-file.js';

/** Something that its group can write too: the content of the file decides whether that is let pass. */
interface Doubt {
  /** Below the home folder, as in `cfg`; `.` is the home folder itself. */
  readonly shown: string;
  readonly why: string;
}

interface GuardedRead {
  readonly bytes: Uint8Array;
  readonly doubts: readonly Doubt[];
}

interface Folder {
  readonly path: string;
  readonly shown: string;
}

const HOME = '.';
const FOLDER = 'cfg';
/** null where users and modes do not exist (Windows). */
const agentUid = (): number | null => process.getuid?.() ?? null;

/**
 * A file of the folder `cfg` that decides what others may do here, so nobody but root and the agent's user may be able
 * to change or exchange it. The folders are judged before the file is opened: once nobody else can write them, the
 * file that is opened there is not one that others put in its place. The file itself is judged by its descriptor.
 */
export class GuardedFile {
  readonly path: string;
  /** Those that decided at the last read; a file that is a link has the folder it leads to as well. */
  #folders: readonly Folder[];

  constructor(
    home: string,
    private readonly file: string,
  ) {
    this.path = join(home, FOLDER, file);
    this.#folders = [
      { path: home, shown: HOME },
      { path: join(home, FOLDER), shown: FOLDER },
    ];
  }

  get shown(): string {
    return `${FOLDER}/${this.file}`;
  }

  /**
   * Words for what is no regular file of at most `maxBytes`.
   * @throws MeshError manifest/unsafe-permissions; what the disk says, as ENOENT
   */
  async read(maxBytes: number): Promise<GuardedRead | string> {
    const real = await realpath(this.path);
    await this.#noteFolders(dirname(real));
    const doubts: Doubt[] = [];
    for (const folder of this.#folders) this.#judge(await stat(folder.path), folder.shown, doubts);
    for (const [path, shown] of [[dirname(this.path), FOLDER] as const, [this.path, this.shown] as const])
      this.#judgeLink(await lstat(path), shown);
    const read = await readBoundedFile(real, maxBytes);
    if (typeof read === 'string') return read;
    this.#judge(read.stats, this.shown, doubts);
    return { bytes: read.bytes, doubts };
  }

  /**
   * Decides on what the group can write, and returns warnings. A home folder that its group can write is never more
   * than that: under umask 002, usual where each user has a group of his own, every folder is made so, and what others
   * put there in place of `cfg` is refused for its owner.
   * @throws MeshError manifest/unsafe-permissions
   */
  settle(doubts: readonly Doubt[], isLegacy: boolean): readonly string[] {
    const refused = isLegacy ? undefined : doubts.find(({ shown }) => shown !== HOME);
    if (refused) throw this.#refuse(refused.shown, refused.why);
    return doubts.map(({ shown, why }) => `${describePlace(shown)} ${why}`);
  }

  /** Changes when the file does (written, replaced, taken away) and when the permissions of its folders do. */
  describe(): { readonly text: string; readonly changedMs: number } {
    try {
      // Every run asks, and the way to a thread and back takes longer than this.
      const stats = statSync(this.path, { bigint: true });
      const folders = this.#folders.map(({ path }) => statSync(path, { bigint: true }));
      const { dev, ino, size, mtimeNs, ctimeNs } = stats;
      const guards = folders.map(({ mode, uid }) => `${mode}:${uid}`);
      return { text: [dev, ino, size, mtimeNs, ctimeNs, ...guards].join(':'), changedMs: Number(stats.ctimeMs) };
    } catch (error) {
      return { text: String((error as NodeJS.ErrnoException).code), changedMs: Number.NEGATIVE_INFINITY };
    }
  }

  async #noteFolders(real: string): Promise<void> {
    const own = this.#folders.slice(0, 2);
    const isElsewhere = real !== (await realpath(dirname(this.path)));
    this.#folders = isElsewhere ? [...own, { path: real, shown: real }] : own;
  }

  #judge(stats: Stats, shown: string, doubts: Doubt[]): void {
    const uid = agentUid();
    if (uid === null) return;
    const verdict = judgePermissions({ mode: stats.mode, uid: stats.uid, isFolder: stats.isDirectory() }, uid, true);
    if (verdict.is === 'refusal') throw this.#refuse(shown, verdict.why, uid, stats.uid);
    if (verdict.is === 'warning') doubts.push({ shown, why: verdict.why });
  }

  /** Whoever owns a link can lead it elsewhere; its mode says nothing. */
  #judgeLink(stats: Stats, shown: string): void {
    const uid = agentUid();
    if (uid === null || !stats.isSymbolicLink()) return;
    const verdict = judgePermissions({ mode: 0, uid: stats.uid, isFolder: false }, uid, true);
    if (verdict.is === 'refusal') throw this.#refuse(shown, `is a link that ${verdict.why}`, uid, stats.uid);
  }

  #refuse(shown: string, why: string, uid = 0, owner = uid): MeshError {
    const mend = owner === uid || owner === 0 ? `chmod go-w ${shown}` : `chown -h ${uid} ${shown}`;
    const detail =
      `${this.shown} is not safe: ${describePlace(shown)} ${why}, ` +
      `and whoever can write it decides what this file permits. Mend it in the home folder: ${mend}`;
    return new MeshError('manifest/unsafe-permissions', detail, { hint: `In the agent's home folder: ${mend}` });
  }
}

const describePlace = (shown: string): string => (shown === HOME ? 'the home folder' : shown);
