import { join, resolve } from 'node:path';
import type { SettingFault } from './fault.js';
import { readKeyFile } from './key-files.js';
import { readDotEnv } from './dot-env.js';

/** Where settings come from, the strongest first: flags, environment, *_FILE, context, .env in the home folder. */
export interface SettingSources {
  /** By the setting's name, as in {SCRIPT_MESH_PORT: '8000'}. */
  readonly flags: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the command line keeps for the installation it works with; other programs have none. */
  readonly context?: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The name of this machine. */
  readonly hostname: string;
  /** For a program that only looks: no folder and no key is made; a key that is not there yet is one that nobody knows. */
  readonly leavesNoTraces?: boolean;
}

const HOME = 'SCRIPT_MESH_HOME';

interface Layer {
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
}

/** The sources of one program with its home folder and the .env in it. */
export class SettingReader {
  readonly home: string;
  /** Grows while settings are read. */
  readonly faults: SettingFault[] = [];
  readonly #dotEnv: Readonly<Record<string, string>>;

  constructor(readonly sources: SettingSources) {
    const given = sources.flags[HOME] ?? sources.env[HOME];
    this.home = resolve(sources.cwd, given ?? '.');
    this.#dotEnv = readDotEnv(join(this.home, '.env'), this.faults);
    if (this.#dotEnv[HOME] !== undefined && resolve(this.home, this.#dotEnv[HOME]) !== this.home) {
      this.faults.push({
        name: HOME,
        problem: `${join(this.home, '.env')} names another home folder than the one it stands in`,
        remedy: 'Set it in the environment instead',
      });
    }
  }

  /**
   * @param mayBeFile whether `<name>_FILE` may name a file that holds the value; a wrong file becomes a fault
   * @returns the text from the strongest source that has the setting; undefined when none has it
   */
  find(name: string, mayBeFile: boolean): string | undefined {
    for (const { values, folder } of this.#layers()) {
      if (values[name] !== undefined) return values[name];
      const file = mayBeFile ? values[`${name}_FILE`] : undefined;
      if (file !== undefined) return this.#readFile(name, file, folder);
    }
    return undefined;
  }

  /** All names that were given anywhere. */
  givenNames(): readonly string[] {
    return this.#layers().flatMap(({ values }) => Object.keys(values));
  }

  /** The strongest first; relative names of files are meant from `folder`. */
  #layers(): readonly Layer[] {
    const { flags, env, context = {}, cwd } = this.sources;
    return [
      { values: flags, folder: cwd },
      { values: env, folder: cwd },
      { values: context, folder: cwd },
      { values: this.#dotEnv, folder: this.home },
    ];
  }

  #readFile(name: string, file: string, folder: string): string | undefined {
    const before = this.faults.length;
    const lines = file.trim() === '' ? undefined : readKeyFile(name, resolve(folder, file), this.faults);
    if (lines === undefined) {
      const problem = file.trim() === '' ? `${name}_FILE names no file` : `${name}_FILE: there is no file ${file}`;
      this.faults.push({ name, problem, remedy: 'Mend the path, or leave the setting out' });
    }
    return this.faults.length > before ? undefined : (lines ?? []).join('\n');
  }
}
