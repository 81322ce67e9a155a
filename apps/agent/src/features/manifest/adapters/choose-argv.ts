import { MeshError } from '@scriptmesh/contracts';
import { interpreterByEnding, interpreterOfManifest, readFirstLine, type Interpreter } from '../domain/interpreters.js';
import type { ScriptEntry } from '../domain/manifest.js';
import type { ConfinedFile } from './confined-file.js';
import { findProgramFault } from './find-program-fault.js';
import type { ProgramFinder } from './program-finder.js';

/**
 * The argument array that starts a file. What the manifest names wins, then a shebang line whose program is there,
 * then the file's ending; a file of none of these must be a program itself.
 * @throws MeshError script/not-runnable, manifest/unsafe-permissions
 */
export async function chooseArgv(
  entry: ScriptEntry,
  checked: ConfinedFile,
  finder: ProgramFinder,
): Promise<readonly string[]> {
  const interpreters = listInterpreters(entry, checked);
  for (const interpreter of interpreters) {
    const program = await finder.findFirst(interpreter.programs);
    if (program === undefined) continue;
    refuseUnsafe(entry, interpreter, program);
    return [program, ...interpreter.args, checked.file];
  }
  const last = interpreters.at(-1);
  if (last) throw refuseMissing(entry, last, finder);
  return startItself(entry, checked);
}

/** In the order of their claim. A shebang line alone claims only a file that may be executed. */
function listInterpreters(entry: ScriptEntry, checked: ConfinedFile): readonly Interpreter[] {
  if (entry.interpreter !== null) return [interpreterOfManifest(entry.interpreter, entry.place)];
  const first = readFirstLine(checked.head);
  if (first.is === 'crlf-shebang')
    throw refuse(entry, 'begins with a shebang line that ends in CRLF (Windows line ends)', CRLF_HINT);
  const byEnding = interpreterByEnding(entry.parts.at(-1) as string);
  const hasShebang = first.is === 'shebang' && (byEnding !== undefined || checked.isExecutable);
  return [...(hasShebang ? [first.interpreter] : []), ...(byEnding ? [byEnding] : [])];
}

const CRLF_HINT = "Save the file with Unix line ends: sed -i 's/\\r$//' FILE";

function startItself(entry: ScriptEntry, checked: ConfinedFile): readonly string[] {
  if (!checked.isExecutable) {
    throw refuse(
      entry,
      'is not executable and its ending names no interpreter',
      'chmod u+x the file, or name an "interpreter" in the manifest.',
    );
  }
  // Otherwise the C library would hand the file to a shell, which nobody asked for.
  if (readFirstLine(checked.head).is === 'program') return [checked.file];
  throw refuse(
    entry,
    'is executable but neither a program nor begun by a shebang line',
    'Begin the file with a line as "#!/bin/sh".',
  );
}

/** Whoever can write the interpreter decides what every script of its does. */
function refuseUnsafe(entry: ScriptEntry, by: Interpreter, program: string): void {
  const fault = findProgramFault(program);
  if (fault === undefined) return;
  const detail = `scripts/${entry.parts.join('/')} of the script ${entry.name} is run by ${program} (${by.saidBy}), which is not safe: ${fault}`;
  const facts = { script: entry.name, place: entry.place };
  throw new MeshError('manifest/unsafe-permissions', detail, { facts });
}

function refuseMissing(entry: ScriptEntry, by: Interpreter, finder: ProgramFinder): MeshError {
  const names = by.programs.map((name) => JSON.stringify(name)).join(' or ');
  const why = `needs ${names} (${by.saidBy}), which was not found on ${finder.searchPath}`;
  return refuse(entry, why, 'Install it, or name another "interpreter" in the manifest.');
}

function refuse(entry: ScriptEntry, why: string, hint: string): MeshError {
  const detail = `scripts/${entry.parts.join('/')} of the script ${entry.name} ${why}`;
  return new MeshError('script/not-runnable', detail, { hint, facts: { script: entry.name, place: entry.place } });
}
