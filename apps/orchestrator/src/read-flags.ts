/** What the program is to do, and settings given as flags: `--port 9000` or `--port=9000`. Keys are never taken from flags, where every user of the machine could read them. */
export interface Flags {
  readonly purpose:
    'serve' | 'check' | 'openapi' | 'import-v02' | 'restore' | 'mark-restored' | 'backup' | 'doctor' | 'doctor-json';
  /** The folder of `--import-v02`, the file of `--restore` and `--backup`. */
  readonly path?: string;
  readonly settings: Readonly<Record<string, string>>;
  /** `--backup` writes the Fernet key, too. */
  readonly withFernetKey: boolean;
  /** Words that were not understood. */
  readonly unknown: readonly string[];
}

const PURPOSES: ReadonlyMap<string, Flags['purpose']> = new Map([
  ['--check', 'check'],
  ['--openapi', 'openapi'],
  ['--mark-restored', 'mark-restored'],
  ['--doctor', 'doctor'],
  ['--doctor-json', 'doctor-json'],
]);
/** Flags that have a path as their value and are no settings. */
const PATH_FLAGS: ReadonlyMap<string, Flags['purpose']> = new Map([
  ['--import-v02', 'import-v02'],
  ['--restore', 'restore'],
  ['--backup', 'backup'],
]);
const WITH_KEY = '--with-fernet-key';
const SETTING_FLAGS: ReadonlyMap<string, string> = new Map([
  ['--home', 'SCRIPT_MESH_HOME'],
  ['--host', 'SCRIPT_MESH_HOST'],
  ['--port', 'SCRIPT_MESH_PORT'],
  ['--mode', 'SCRIPT_MESH_MODE'],
  ['--log-level', 'SCRIPT_MESH_LOG_LEVEL'],
]);

export function readFlags(words: readonly string[]): Flags {
  const argv = words.filter((word) => word !== WITH_KEY);
  let purpose: Flags['purpose'] = 'serve';
  const values: Record<string, string> = {};
  const unknown: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const [flag = '', inline] = splitOnce(argv[at] as string);
    const name = SETTING_FLAGS.get(flag) ?? (PATH_FLAGS.has(flag) ? flag : undefined);
    const value = inline ?? (name === undefined ? undefined : argv[++at]);
    if (name !== undefined && value !== undefined) values[name] = value;
    else if (PURPOSES.has(flag) && inline === undefined) purpose = PURPOSES.get(flag) ?? purpose;
    else unknown.push(flag);
  }
  return { ...takePath(values, purpose), withFernetKey: argv.length < words.length, unknown };
}

/** Flags with a path stand among the settings under their own names. */
function takePath(
  values: Readonly<Record<string, string>>,
  purpose: Flags['purpose'],
): Omit<Flags, 'unknown' | 'withFernetKey'> {
  const settings = { ...values };
  const [flag, pathPurpose] = [...PATH_FLAGS].find(([one]) => values[one] !== undefined) ?? [];
  if (flag === undefined || pathPurpose === undefined) return { purpose, settings };
  for (const one of PATH_FLAGS.keys()) delete settings[one];
  return { purpose: pathPurpose, path: values[flag] ?? '', settings };
}

function splitOnce(word: string): readonly [string, string?] {
  const at = word.indexOf('=');
  return at === -1 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

export const USAGE = `usage: orchestrator [--check | --openapi | --import-v02 FOLDER | --restore FILE | --mark-restored | --backup FILE [--with-fernet-key]] [${[...SETTING_FLAGS.keys()].join(' X] [')} X]`;
