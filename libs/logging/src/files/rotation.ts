import { join } from 'node:path';
import type { Clock } from '@scriptmesh/runtime';
import { chooseTidying } from './choose-tidying.js';
import { localDay, localDaysBefore } from './local-time.js';
import { maxCurrentBytes, type LogBounds } from './log-bounds.js';
import type { LogDisk, LogFileState } from './log-disk.js';
import { LogFileNames } from './log-file-names.js';

const COMPRESS_AFTER_DAYS = 7;
/** Several processes may rotate at once; each turn that another one has won is looked at anew. */
const MAX_TURNS = 20;

interface RotationParts {
  readonly folder: string;
  readonly program: string;
  readonly bounds: LogBounds;
  readonly clock: Clock;
  readonly disk: LogDisk;
}

/**
 * Moves the current file away when its day is over or it is too large, and keeps the dated ones within bounds.
 * No lock is needed among processes: a new name is claimed before the file moves there, so that nobody's lines are
 * replaced, and every writer opens the current file anew for each batch.
 */
export class Rotation {
  readonly current: string;
  readonly #names: LogFileNames;

  constructor(private readonly parts: RotationParts) {
    this.#names = new LogFileNames(parts.program);
    this.current = join(parts.folder, this.#names.current);
  }

  /**
   * Makes room for lines of this day. A file of a later day stays, whoever's clock is wrong.
   * @returns whether a file was moved away
   */
  async makeRoom(day: string, bytes: number): Promise<boolean> {
    for (let turn = 0; turn < MAX_TURNS; turn += 1) {
      const found = await this.parts.disk.look(this.current);
      if (!found || found.bytes === 0) return false;
      const isOver = dayOf(found) < day;
      if (!isOver && found.bytes + bytes <= maxCurrentBytes(this.parts.bounds)) return false;
      const target = await this.#claimName(dayOf(found), !isOver);
      if (target === undefined) continue;
      return this.#move(target, dayOf(found));
    }
    return false;
  }

  /** Removes the oldest files beyond the bounds. */
  async keepBounds(): Promise<void> {
    for (const name of (await this.#chooseTidying()).remove)
      await this.parts.disk.remove(join(this.parts.folder, name));
  }

  /** Compresses the files that are seven days old. Takes its time when they are large. */
  async compressOld(): Promise<void> {
    const { folder, disk } = this.parts;
    for (const name of (await this.#chooseTidying()).compress) await disk.compress(join(folder, name));
  }

  async #chooseTidying(): Promise<ReturnType<typeof chooseTidying>> {
    const { folder, disk, bounds, clock } = this.parts;
    const nowMs = clock.nowMs();
    const compressUntilDay = localDaysBefore(nowMs, COMPRESS_AFTER_DAYS);
    return chooseTidying(await disk.list(folder), { names: this.#names, bounds, nowMs, compressUntilDay });
  }

  /** Undefined when another process has just taken the name: perhaps it has moved the file too. */
  async #claimName(day: string, isPart: boolean): Promise<string | undefined> {
    const { folder, disk } = this.parts;
    const ofDay = (await disk.list(folder)).flatMap(({ name }) => {
      const parsed = this.#names.parse(name);
      return parsed?.day === day ? [parsed.part] : [];
    });
    const isPlainFree = !ofDay.includes(Number.POSITIVE_INFINITY);
    const next = Math.max(0, ...ofDay.filter(Number.isFinite)) + 1;
    const path = join(folder, this.#names.dated(day, isPart || !isPlainFree ? next : undefined));
    return (await disk.claim(path)) ? path : undefined;
  }

  async #move(target: string, day: string): Promise<boolean> {
    const { disk } = this.parts;
    if (!(await disk.rename(this.current, target))) {
      await disk.remove(target);
      return false;
    }
    // Another process moved it in between and has begun a new one, which we hold now: it gets the name of its own day.
    const moved = await disk.look(target);
    if (moved && moved.bytes > 0 && dayOf(moved) !== day) {
      const right = await this.#claimName(dayOf(moved), true);
      if (right !== undefined) await disk.rename(target, right);
    }
    return true;
  }
}

/** The day of its first line; of its last change when the line does not tell. */
const dayOf = ({ beginning, modifiedMs }: LogFileState): string =>
  /^\d{4}-\d\d-\d\d$/.test(beginning) ? beginning : localDay(modifiedMs);
