/** What the program is to do, and settings given as flags: `--port 9000` or `--port=9000`. Keys are never taken from flags, where every user of the machine could read them. */
export interface Flags {
  readonly purpose: 'serve' | 'check' | 'openapi' | 'import-v02';
  /** The folder of `--import-v02`. */
  readonly folder?: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Words that were not understood. */
  readonly unknown: readonly string[];
}

const PURPOSES: ReadonlyMap<string, Flags['purpose']> = new Map([
  ['--check', 'check'],
  ['--openapi', 'openapi'],
]);
/** Stands in the place of a setting's name for the one flag that has a value and is none. */
const FOLDER = 'folder';
const SETTING_FLAGS: ReadonlyMap<string, string> = new Map([
  ['--home', 'SCRIPT_MESH_HOME'],
  ['--host', 'SCRIPT_MESH_HOST'],
  ['--port', 'SCRIPT_MESH_PORT'],
  ['--mode', 'SCRIPT_MESH_MODE'],
  ['--log-level', 'SCRIPT_MESH_LOG_LEVEL'],
]);

export function readFlags(argv: readonly string[]): Flags {
  let purpose: Flags['purpose'] = 'serve';
  const settings: Record<string, string> = {};
  const unknown: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const [flag = '', inline] = splitOnce(argv[at] as string);
    const name = flag === '--import-v02' ? FOLDER : SETTING_FLAGS.get(flag);
    const value = inline ?? (name === undefined ? undefined : argv[++at]);
    if (name !== undefined && value !== undefined) settings[name] = value;
    else if (PURPOSES.has(flag) && inline === undefined) purpose = PURPOSES.get(flag) ?? purpose;
    else unknown.push(flag);
  }
  const { [FOLDER]: folder, ...others } = settings;
  if (folder !== undefined) return { purpose: 'import-v02', folder, settings: others, unknown };
  return { purpose, settings, unknown };
}

function splitOnce(word: string): readonly [string, string?] {
  const at = word.indexOf('=');
  return at === -1 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

export const USAGE = `usage: orchestrator [--check | --openapi | --import-v02 FOLDER] [${[...SETTING_FLAGS.keys()].join(' X] [')} X]`;
