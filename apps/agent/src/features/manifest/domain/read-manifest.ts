import { createHash } from 'node:crypto';
import { isName, MeshError, type FieldFault } from '@scriptmesh/contracts';
import { ENTRY_FIELDS, LEGACY_FIELDS } from './entry-fields.js';
import { toParts } from './entry-path.js';
import type { Manifest, RefusedEntry, ScriptEntry } from './manifest.js';
import { JsonFault, parseJson } from './parse-json.js';

export const MAX_SCRIPTS = 1000;
const MAX_FAULTS_TOLD = 20;
const TOP_FIELDS = ['$schema', 'scripts'];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a manifest. A fault of an entry (its path, its name, a value) refuses that entry alone. A fault of the file
 * refuses the file: broken JSON, a name that stands twice, and an unknown field, which may be a limit that this
 * version does not know and must not ignore.
 * @throws MeshError manifest/invalid with all faults and their places
 */
export function readManifest(bytes: Uint8Array): Manifest {
  const file = parseFile(decode(bytes));
  const scripts = file['scripts'] as readonly unknown[];
  const faults = [...findUnknownFields(file, scripts), ...findRepeatedNames(scripts)];
  if (faults.length > 0) throw invalid(faults);
  const hasSchema = Object.hasOwn(file, '$schema');
  const read = scripts.map((script, index) => readEntry(script, `scripts[${index}]`, hasSchema));
  const entries = read.filter((entry): entry is ScriptEntry => !('why' in entry));
  return {
    sha256: createHash('sha256').update(bytes).digest('hex'),
    entries: new Map(entries.map((entry) => [entry.name, entry])),
    refused: read.filter((entry): entry is RefusedEntry => 'why' in entry),
    isLegacy: !hasSchema && scripts.every((script) => !isObject(script) || hasLegacyForm(script)),
  };
}

function decode(bytes: Uint8Array): string {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw invalid([{ path: '1:1', message: 'the file is UTF-16; save it as UTF-8' }]);
  }
  try {
    // Strips a byte-order mark, which editors on Windows put there.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalid([{ path: '', message: 'the file is not valid UTF-8; save it as UTF-8' }], cause);
  }
}

function parseFile(text: string): Fields {
  if (text.trim() === '') throw invalid([{ path: '', message: 'the file is empty; the least is {"scripts": []}' }]);
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    if (!(cause instanceof JsonFault)) throw cause;
    throw invalid([{ path: `${cause.line}:${cause.column}`, message: cause.message }], cause);
  }
  if (!isObject(value)) throw invalid([{ path: '1:1', message: 'must be an object, as in {"scripts": []}' }]);
  if (!Array.isArray(value['scripts'])) {
    throw invalid([{ path: 'scripts', message: value['scripts'] === undefined ? 'is missing' : 'must be a list' }]);
  }
  if (value['scripts'].length > MAX_SCRIPTS)
    throw invalid([{ path: 'scripts', message: `must have at most ${MAX_SCRIPTS} entries` }]);
  return value;
}

function findUnknownFields(file: Fields, scripts: readonly unknown[]): FieldFault[] {
  const unknownIn = (fields: Fields, known: readonly string[], prefix: string): FieldFault[] =>
    Object.keys(fields)
      .filter((name) => !known.includes(name))
      .map((name) => ({
        path: prefix + shorten(name),
        message: `is not a known field; known are ${known.join(', ')}`,
      }));
  const known = Object.keys(ENTRY_FIELDS);
  const ofEntries = scripts.map((script, index) =>
    isObject(script) ? unknownIn(script, known, `scripts[${index}].`) : [],
  );
  return [...unknownIn(file, TOP_FIELDS, ''), ...ofEntries.flat()];
}

function findRepeatedNames(scripts: readonly unknown[]): FieldFault[] {
  const firstOf = new Map<string, number>();
  const faults: FieldFault[] = [];
  for (const [index, script] of scripts.entries()) {
    const name = isObject(script) ? script['name'] : undefined;
    if (typeof name !== 'string') continue;
    const first = firstOf.get(name);
    if (first === undefined) firstOf.set(name, index);
    else
      faults.push({
        path: `scripts[${index}].name`,
        message: `${quote(name)} is already the name of scripts[${first}]`,
      });
  }
  return faults;
}

function readEntry(script: unknown, place: string, hasSchema: boolean): ScriptEntry | RefusedEntry {
  if (!isObject(script)) {
    return {
      place,
      name: null,
      path: '',
      code: 'manifest/invalid',
      why: `${place}: must be an object with "name" and "path"`,
    };
  }
  const faults = Object.entries(ENTRY_FIELDS).flatMap(([field, rule]) => {
    const message = rule(script[field]);
    return message === undefined ? [] : [{ field, text: `${place}.${field}: ${describe(script[field])}${message}` }];
  });
  const path = typeof script['path'] === 'string' ? script['path'] : '';
  if (faults.length > 0) {
    const isOnlyPath = faults.every((fault) => fault.field === 'path') && path !== '';
    const code = isOnlyPath ? 'manifest/unsafe-path' : 'manifest/invalid';
    return {
      place,
      name: isName(script['name']) ? script['name'] : null,
      path,
      code,
      why: faults.map((f) => f.text).join('; '),
    };
  }
  return toEntry(script, path, place, hasSchema);
}

/** Of fields without a fault. */
function toEntry(script: Fields, path: string, place: string, hasSchema: boolean): ScriptEntry {
  return {
    name: script['name'] as string,
    path,
    parts: toParts(path),
    description: (script['description'] as string | undefined) ?? null,
    interpreter: (script['interpreter'] as string | undefined) ?? null,
    timeoutSeconds: (script['timeoutSeconds'] as number | undefined) ?? null,
    maxConcurrent: (script['maxConcurrent'] as number | undefined) ?? null,
    idempotent: script['idempotent'] === true,
    sha256: (script['sha256'] as string | undefined) ?? null,
    place,
    isLegacy: !hasSchema && hasLegacyForm(script),
  };
}

function invalid(faults: readonly FieldFault[], cause?: unknown): MeshError {
  const told = faults.slice(0, MAX_FAULTS_TOLD);
  const words = told.map((fault) => (fault.path === '' ? fault.message : `${fault.path}: ${fault.message}`));
  const more = faults.length > told.length ? [`and ${faults.length - told.length} more`] : [];
  return new MeshError('manifest/invalid', `cfg/script_manifest.json: ${[...words, ...more].join('; ')}`, {
    faults: told,
    cause,
  });
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const hasLegacyForm = (script: Fields): boolean => Object.keys(script).every((field) => LEGACY_FIELDS.has(field));
const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
const quote = (text: string): string => JSON.stringify(shorten(text));
const describe = (value: unknown): string => (typeof value === 'string' ? `${quote(value)} ` : '');
