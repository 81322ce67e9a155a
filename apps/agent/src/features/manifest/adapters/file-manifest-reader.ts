import { join } from 'node:path';
import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { isMeshError, MeshError, type ManifestReport, type ScriptResource } from '@scriptmesh/contracts';
import type { Logger } from '@scriptmesh/logging';
import type { Clock } from '@scriptmesh/runtime';
import type { RefusedEntry, ScriptEntry } from '../domain/manifest.js';
import { ManifestReader, type RunnableScript } from '../manifest-reader.js';
import { chooseArgv } from './choose-argv.js';
import { checkConfinedFile } from './confined-file.js';
import { createFirstFiles } from './first-files.js';
import { FolderWatch } from './folder-watch.js';
import { GuardedFile } from './guarded-file.js';
import { ManifestFile } from './manifest-file.js';
import { ProgramFinder } from './program-finder.js';

const CHECKED_AT_ONCE = 16;
const MAX_FAULTS = 50;
const MAX_TEXT = 500;

/** The manifest `cfg/script_manifest.json` and the folder `scripts` of a home folder. */
export class FileManifestReader extends ManifestReader implements OnModuleInit, OnModuleDestroy {
  readonly #manifest: ManifestFile;
  readonly #watch: FolderWatch;
  readonly #finder: ProgramFinder;
  readonly #scripts: string;
  /** Scripts about whose permissions a warning was given, with the words of it. */
  readonly #warned = new Map<string, string>();

  constructor(
    private readonly home: string,
    searchPath: string,
    clock: Clock,
    private readonly logger: Logger,
  ) {
    super();
    this.#scripts = join(home, 'scripts');
    this.#finder = new ProgramFinder(clock, searchPath);
    this.#manifest = new ManifestFile(new GuardedFile(home, 'script_manifest.json'), clock, logger);
    this.#watch = new FolderWatch(join(home, 'cfg'), clock, logger, (why) => this.#look(why));
  }

  async onModuleInit(): Promise<void> {
    await createFirstFiles(this.home, this.#finder, this.logger).catch((error: unknown) => {
      this.logger.warn('manifest.not-created', { error });
    });
    await this.#manifest.refresh();
    this.#watch.start();
  }

  onModuleDestroy(): void {
    this.#watch.stop();
  }

  override get sha256(): string | null {
    return this.#manifest.inForce?.sha256 ?? null;
  }

  override onChange(listener: () => void): void {
    this.#manifest.onChange(listener);
  }

  override async checkScript(name: string): Promise<RunnableScript> {
    await this.#manifest.refresh();
    return this.#check(this.#findEntry(name));
  }

  override async report(): Promise<{ readonly sha256: string | null; readonly report: ManifestReport }> {
    await this.#manifest.refresh();
    const { inForce, fault } = this.#manifest;
    const entries = [...(inForce?.entries.values() ?? [])];
    const refused = inForce?.refused ?? [];
    const scripts: ScriptResource[] = [];
    for (let index = 0; index < entries.length; index += CHECKED_AT_ONCE) {
      const some = entries.slice(index, index + CHECKED_AT_ONCE);
      scripts.push(
        ...(await Promise.all(some.map(async (entry) => toResource(entry, await this.#findProblem(entry))))),
      );
    }
    scripts.push(...refused.flatMap(toRefusedResource));
    const faults = [...(fault ? [fault.detail] : []), ...refused.map((entry) => entry.why)];
    return { sha256: inForce?.sha256 ?? null, report: { scripts, faults: faults.slice(0, MAX_FAULTS).map(shorten) } };
  }

  #findEntry(name: string): ScriptEntry {
    const { inForce, fault } = this.#manifest;
    if (!inForce) {
      const why = `no script may run here: ${fault?.detail ?? 'the manifest was not read yet'}`;
      throw new MeshError(fault?.code ?? 'manifest/invalid', why);
    }
    const entry = inForce.entries.get(name);
    if (entry) return entry;
    const refused = inForce.refused.find((one) => one.name === name);
    if (refused) throw new MeshError(refused.code, refused.why, { facts: { script: name, place: refused.place } });
    throw new MeshError(
      'script/not-found',
      `the manifest of this node lists no script ${JSON.stringify(shorten(String(name)))}`,
    );
  }

  async #check(entry: ScriptEntry): Promise<RunnableScript> {
    const checked = await checkConfinedFile(this.#scripts, entry);
    this.#warn(entry.name, checked.warnings);
    refuseOtherBytes(entry, checked.sha256);
    const argv = await chooseArgv(entry, checked, this.#finder);
    const timeoutMs = entry.timeoutSeconds === null ? null : entry.timeoutSeconds * 1000;
    return {
      name: entry.name,
      file: checked.file,
      sha256: checked.sha256,
      version: checked.version,
      argv,
      timeoutMs,
      maxConcurrent: entry.maxConcurrent,
    };
  }

  async #findProblem(entry: ScriptEntry): Promise<string | null> {
    try {
      await this.#check(entry);
      return null;
    } catch (error) {
      if (isMeshError(error)) return error.message;
      this.logger.error('manifest.check-failed', { script: entry.name, error });
      return `script/not-runnable: scripts/${entry.parts.join('/')} could not be checked`;
    }
  }

  /** Once for each script and reason, not at every run. */
  #warn(name: string, warnings: readonly string[]): void {
    const why = warnings.join('; ');
    if (why === (this.#warned.get(name) ?? '')) return;
    if (why === '') this.#warned.delete(name);
    else {
      this.#warned.set(name, why);
      this.logger.warn('manifest.unsafe-permissions', { script: name, why });
    }
  }

  #look(why: 'told' | 'regular'): void {
    if (why === 'told') this.#manifest.distrust();
    this.#manifest.refresh().catch((error: unknown) => this.logger.error('manifest.look-failed', { error }));
  }
}

function refuseOtherBytes({ name, parts, place, sha256 }: ScriptEntry, found: string): void {
  if (sha256 === null || sha256 === found) return;
  const detail = `scripts/${parts.join('/')} of the script ${name} is not the file that the manifest names: its SHA-256 is ${found}, ${place}.sha256 says ${sha256}`;
  throw new MeshError('manifest/hash-mismatch', detail, { facts: { script: name, place } });
}

function toResource(entry: ScriptEntry, problem: string | null): ScriptResource {
  const { name, path, description, interpreter, timeoutSeconds, maxConcurrent, idempotent } = entry;
  const told = { name, path, description, interpreter, timeoutSeconds, maxConcurrent, idempotent };
  return { ...told, problem: problem && shorten(problem) };
}

/** A refused entry is shown with the reason, if it has a name to be shown by. */
function toRefusedResource(entry: RefusedEntry): ScriptResource[] {
  if (entry.name === null) return [];
  const none = { description: null, interpreter: null, timeoutSeconds: null, maxConcurrent: null, idempotent: false };
  return [{ name: entry.name, path: shorten(entry.path), ...none, problem: shorten(`${entry.code}: ${entry.why}`) }];
}

const shorten = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
