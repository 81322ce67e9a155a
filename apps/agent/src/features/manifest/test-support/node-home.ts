import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Logger, type LogFields } from '@scriptmesh/logging';
import type { Clock } from '@scriptmesh/runtime';
import { MovedClock } from '@scriptmesh/testing';
import { FileManifestReader } from '../adapters/file-manifest-reader.js';
import { SCRIPT_SEARCH_PATH } from '../search-path.js';

class RecordedLogger extends Logger {
  readonly events: string[] = [];
  override debug(): void {}
  override info(event: string): void {
    this.events.push(event);
  }
  override warn(event: string, fields: LogFields = {}): void {
    this.events.push(`${event} ${JSON.stringify(fields)}`);
  }
  override error(event: string, fields: LogFields = {}): void {
    this.events.push(`${event} ${JSON.stringify(fields)}`);
  }
}

/** A node's home folder with a real reader; modes are set whatever the umask is. */
export class NodeHome {
  readonly folder = mkdtempSync(join(tmpdir(), 'scriptmesh-home-'));
  readonly logger = new RecordedLogger();
  #reader: FileManifestReader | undefined;

  constructor(private readonly clock: Clock = new MovedClock()) {}

  get manifestPath(): string {
    return join(this.folder, 'cfg/script_manifest.json');
  }

  /** Path below the home folder. */
  write(path: string, text: string | Uint8Array, mode = 0o755): this {
    this.folderAt(dirname(path));
    writeFileSync(join(this.folder, path), text);
    chmodSync(join(this.folder, path), mode);
    return this;
  }

  folderAt(path: string, mode = 0o755): this {
    mkdirSync(join(this.folder, path), { recursive: true });
    chmodSync(join(this.folder, path), mode);
    return this;
  }

  manifest(value: unknown): this {
    return this.write('cfg/script_manifest.json', typeof value === 'string' ? value : JSON.stringify(value), 0o644);
  }

  /** A manifest of one script for each path, named by the file without its ending. */
  listing(...paths: readonly (string | Readonly<Record<string, unknown>>)[]): this {
    const entries = paths.map((path) =>
      typeof path === 'string' ? { name: path.replace(/^.*\//, '').replace(/\..*$/, ''), path } : path,
    );
    return this.manifest({ scripts: entries });
  }

  async reader(searchPath: string = SCRIPT_SEARCH_PATH): Promise<FileManifestReader> {
    this.#reader?.onModuleDestroy();
    this.#reader = new FileManifestReader(this.folder, searchPath, this.clock, this.logger);
    await this.#reader.onModuleInit();
    return this.#reader;
  }

  remove(): void {
    this.#reader?.onModuleDestroy();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
