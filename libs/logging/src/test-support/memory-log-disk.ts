import { basename, dirname } from 'node:path';
import type { Clock } from '@scriptmesh/runtime';
import { LogDisk, type LogFileState, type LogFolderEntry } from '../files/log-disk.js';

/** A disk in memory that a test can fill, slow down and look into. Everything settles within one turn of the event loop. */
export class MemoryLogDisk extends LogDisk {
  readonly files = new Map<string, { bytes: Buffer; modifiedMs: number }>();
  readonly #folders = new Set<string>();
  /** Bytes that fit; then it is full. */
  roomBytes = Number.POSITIVE_INFINITY;
  /** Appends answer only when it is let go. */
  #hold: Promise<void> | undefined;
  #letGo: () => void = () => {};

  constructor(private readonly clock: Clock) {
    super();
  }

  hold(): void {
    this.#hold = new Promise((resolve) => (this.#letGo = resolve));
  }
  letGo(): void {
    this.#hold = undefined;
    this.#letGo();
  }
  put(path: string, text: string, modifiedMs = this.clock.nowMs()): void {
    this.files.set(path, { bytes: Buffer.from(text), modifiedMs });
  }
  text(path: string): string {
    return this.files.get(path)?.bytes.toString() ?? '';
  }
  get names(): readonly string[] {
    return [...this.files.keys()].map((path) => basename(path)).sort();
  }
  get totalBytes(): number {
    return [...this.files.values()].reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  }

  override async makeFolder(path: string): Promise<void> {
    this.#folders.add(path);
  }
  override async look(path: string): Promise<LogFileState | undefined> {
    const file = this.files.get(path);
    if (!file) return undefined;
    const { bytes, modifiedMs } = file;
    return { bytes: bytes.byteLength, beginning: bytes.toString('latin1', 0, 10), modifiedMs };
  }
  override async append(path: string, bytes: Uint8Array): Promise<number> {
    await this.#hold;
    return this.#append(path, bytes);
  }
  override appendNow(path: string, bytes: Uint8Array): void {
    this.#append(path, bytes);
  }
  override async list(folder: string): Promise<readonly LogFolderEntry[]> {
    return [...this.files]
      .filter(([path]) => dirname(path) === folder)
      .map(([path, { bytes, modifiedMs }]) => ({ name: basename(path), bytes: bytes.byteLength, modifiedMs }));
  }
  override async claim(path: string): Promise<boolean> {
    if (this.files.has(path)) return false;
    this.put(path, '');
    return true;
  }
  override async rename(from: string, to: string): Promise<boolean> {
    const file = this.files.get(from);
    if (!file) return false;
    this.files.set(to, file);
    this.files.delete(from);
    return true;
  }
  override async compress(path: string): Promise<void> {
    await this.rename(path, `${path}.gz`);
  }
  override async remove(path: string): Promise<void> {
    this.files.delete(path);
  }

  #append(path: string, bytes: Uint8Array): number {
    const taken = Math.min(bytes.byteLength, this.roomBytes);
    if (taken === 0 && bytes.byteLength > 0) throw Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC' });
    this.roomBytes -= taken;
    const before = this.files.get(path)?.bytes ?? Buffer.alloc(0);
    const after = Buffer.concat([before, bytes.subarray(0, taken)]);
    this.files.set(path, { bytes: after, modifiedMs: this.clock.nowMs() });
    return taken;
  }
}
