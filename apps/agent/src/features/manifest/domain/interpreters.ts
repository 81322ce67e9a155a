import { posix } from 'node:path';

/** How to start a file: one of these programs, whichever is found first, with these arguments before the file. */
export interface Interpreter {
  readonly programs: readonly string[];
  readonly args: readonly string[];
  /** Where it stands, for messages, as in `the shebang line`. */
  readonly saidBy: string;
}

/** What the first bytes of a file say. */
type FirstLine =
  | { readonly is: 'shebang'; readonly interpreter: Interpreter }
  | { readonly is: 'crlf-shebang' | 'empty-shebang' | 'program' | 'other' };

const POWERSHELL_ARGS = ['-NoProfile', '-NonInteractive', '-File'];

const BY_ENDING: ReadonlyMap<string, readonly [programs: readonly string[], args?: readonly string[]]> = new Map([
  ['.py', [['python3', 'python']]],
  ['.sh', [['/bin/sh', 'sh']]],
  ['.bash', [['bash']]],
  ['.js', [[process.execPath]]],
  ['.mjs', [[process.execPath]]],
  ['.cjs', [[process.execPath]]],
  ['.ps1', [['pwsh', 'powershell'], POWERSHELL_ARGS]],
  ['.rb', [['ruby']]],
  ['.pl', [['perl']]],
]);

export function interpreterByEnding(fileName: string): Interpreter | undefined {
  const ending = posix.extname(fileName).toLowerCase();
  const found = BY_ENDING.get(ending);
  return found && { programs: found[0], args: found[1] ?? [], saidBy: `the ending ${ending}` };
}

/** The interpreter that the manifest names. PowerShell alone takes a file only behind a flag. */
export function interpreterOfManifest(program: string, place: string): Interpreter {
  const isPowerShell = /(?:^|[\\/])(?:pwsh|powershell)(?:\.exe)?$/i.test(program);
  return { programs: [program], args: isPowerShell ? POWERSHELL_ARGS : [], saidBy: `${place}.interpreter` };
}

/** Reads the first line as the kernel would, and `env` as env would, so that a missing program has a name. */
export function readFirstLine(head: Uint8Array): FirstLine {
  if (isProgram(head)) return { is: 'program' };
  if (head[0] !== 0x23 || head[1] !== 0x21) return { is: 'other' };
  const text = Buffer.from(head).toString('utf8', 2);
  const line = text.split('\n', 1)[0] as string;
  if (line.endsWith('\r')) return { is: 'crlf-shebang' };
  const [program, ...rest] = splitShebang(line.trim());
  if (!program) return { is: 'empty-shebang' };
  return { is: 'shebang', interpreter: { programs: [program], args: rest, saidBy: 'the shebang line' } };
}

/** ELF, Mach-O and Windows programs. Anything else handed to exec would be given to a shell by the C library. */
function isProgram(head: Uint8Array): boolean {
  const magic = Buffer.from(head.subarray(0, 4)).toString('hex');
  return magic === '7f454c46' || /^(?:cf|ce)faedfe$|^cafebabe$/.test(magic) || magic.startsWith('4d5a');
}

function splitShebang(line: string): readonly string[] {
  const [program = '', rest = ''] = splitOnce(line);
  if (posix.basename(program) !== 'env' || rest === '') return rest === '' ? [program] : [program, rest];
  // `env NAME` finds NAME on the PATH, and `env -S a b c` splits the line, which the kernel does not.
  const split = /^(?:-S|--split-string=)\s*(.*)$/.exec(rest)?.[1]?.split(/\s+/);
  if (split) return split;
  return /^[^\s=-][^\s=]*$/.test(rest) ? [rest] : [program, rest];
}

function splitOnce(line: string): readonly string[] {
  const match = /^(\S+)\s+(.*)$/.exec(line);
  return match ? [match[1] as string, match[2] as string] : [line];
}
