import { isName, MeshError, NAME_RULE } from '@scriptmesh/contracts';
import type { LogSource, LogSources } from '@scriptmesh/log-files';
import { JsonFault, parseJson } from '../../manifest/index.js';
import { findPathFault, findRootFault, isAbsolute, partsBelow, toParts } from './log-path.js';

const MAX_LOGS = 200;
const MAX_ROOTS = 50;
const MAX_DESCRIPTION = 1000;
const LEAST_BYTES = 1024;
const DEFAULT_BYTES = 8 * 1024 * 1024;
const MOST_BYTES = 64 * 1024 * 1024;
const TOP_FIELDS = ['$schema', 'roots', 'logs'];
const ENTRY_FIELDS = ['name', 'path', 'description', 'maxBytes'];

type Fields = Readonly<Record<string, unknown>>;

/** The agent's own log, which is always listed; the name is taken. */
export const ownLog = (home: string): LogSource => ({
  name: 'scriptmesh-agent',
  description: 'What this agent does and what goes wrong.',
  root: home,
  folders: ['logs'],
  pattern: 'ScriptMesh-agent*.log',
  maxBytes: DEFAULT_BYTES,
});

/**
 * Reads a log manifest. A fault of an entry or a root refuses it alone and is told with its place; a fault of the
 * file refuses the file: broken JSON, a name that stands twice, an unknown field, which may be a limit.
 * @throws MeshError manifest/invalid
 */
export function readLogManifest(bytes: Uint8Array, home: string): LogSources {
  const file = parseFile(bytes);
  const logs = listOf(file, 'logs', MAX_LOGS);
  refuseUnknownFields(file, logs);
  const faults: string[] = [];
  const roots = listOf(file, 'roots', MAX_ROOTS).flatMap((root, index) => {
    const fault = typeof root === 'string' ? findRootFault(root) : 'must be a text';
    if (fault !== undefined) faults.push(`roots[${index}]: ${fault}`);
    return fault === undefined ? [root as string] : [];
  });
  const sources = new Map([[ownLog(home).name, ownLog(home)]]);
  for (const [index, entry] of logs.entries()) {
    const found = findEntryFaults(entry, roots).map((fault) => `logs[${index}]${fault}`);
    faults.push(...found);
    if (found.length > 0) continue;
    const source = toSource(entry as Fields, home, roots);
    if (sources.has(source.name)) {
      throw invalid(`logs[${index}].name: "${source.name}" is the name of another log`);
    }
    sources.set(source.name, source);
  }
  return { sources, faults };
}

function parseFile(bytes: Uint8Array): Fields {
  let value: unknown;
  try {
    value = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    if (cause instanceof JsonFault) throw invalid(`${cause.line}:${cause.column}: ${cause.message}`, cause);
    throw invalid('the file is not valid UTF-8; save it as UTF-8', cause);
  }
  if (!isObject(value)) throw invalid('must be an object, as in {"logs": []}');
  if (value['logs'] === undefined) throw invalid('logs: is missing; the least is {"logs": []}');
  return value;
}

function listOf(file: Fields, field: string, most: number): readonly unknown[] {
  const list = file[field] ?? [];
  if (!Array.isArray(list)) throw invalid(`${field}: must be a list`);
  if (list.length > most) throw invalid(`${field}: must have at most ${most} entries`);
  return list;
}

function refuseUnknownFields(file: Fields, logs: readonly unknown[]): void {
  const unknown = (fields: Fields, known: readonly string[], prefix: string): void => {
    const name = Object.keys(fields).find((one) => !known.includes(one));
    if (name !== undefined) {
      throw invalid(`${prefix}${name.slice(0, 80)}: is not a known field; known are ${known.join(', ')}`);
    }
  };
  unknown(file, TOP_FIELDS, '');
  for (const [index, entry] of logs.entries()) if (isObject(entry)) unknown(entry, ENTRY_FIELDS, `logs[${index}].`);
}

function findEntryFaults(entry: unknown, roots: readonly string[]): string[] {
  if (!isObject(entry)) return [': must be an object with "name" and "path"'];
  const { name, path, description, maxBytes } = entry;
  const faults: string[] = [];
  if (!isName(name)) faults.push(`.name: must ${NAME_RULE}`);
  const pathFault = typeof path === 'string' ? (findPathFault(path) ?? findRootless(path, roots)) : 'must be a text';
  if (pathFault !== undefined) faults.push(`.path: ${pathFault}`);
  if (description !== undefined && (typeof description !== 'string' || description.length > MAX_DESCRIPTION)) {
    faults.push(`.description: must be a text of at most ${MAX_DESCRIPTION} characters`);
  }
  if (maxBytes !== undefined && !isBound(maxBytes)) {
    faults.push(`.maxBytes: must be a whole number from ${LEAST_BYTES} to ${MOST_BYTES}`);
  }
  return faults;
}

const findRootless = (path: string, roots: readonly string[]): string | undefined =>
  !isAbsolute(path) || roots.some((root) => partsBelow(root, path))
    ? undefined
    : 'is outside the home folder; list its folder in "roots" to permit it';

function toSource(entry: Fields, home: string, roots: readonly string[]): LogSource {
  const path = entry['path'] as string;
  const root = isAbsolute(path) ? (roots.find((one) => partsBelow(one, path)) as string) : home;
  const parts = isAbsolute(path) ? (partsBelow(root, path) as readonly string[]) : toParts(path);
  return {
    name: entry['name'] as string,
    description: (entry['description'] as string | undefined) ?? null,
    root,
    folders: parts.slice(0, -1),
    pattern: parts.at(-1) as string,
    maxBytes: (entry['maxBytes'] as number | undefined) ?? DEFAULT_BYTES,
  };
}

const isBound = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= LEAST_BYTES && (value as number) <= MOST_BYTES;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const invalid = (why: string, cause?: unknown): MeshError =>
  new MeshError('manifest/invalid', `cfg/log_manifest.json: ${why}`, { cause });
