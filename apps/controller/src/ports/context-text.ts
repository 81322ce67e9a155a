import { MeshError } from '@scriptmesh/contracts';
import { type Context, type ContextBook, CONTEXT_NAME, findContext } from '../contexts/context-book.js';

const VERSION = 1;

/** The text of contexts.json. @throws MeshError settings/invalid when it is not what `writeContextText` makes */
export function readContextText(text: string, path: string): ContextBook {
  const file = readRecord(parse(text, path), path);
  if (file['version'] !== VERSION) throw unreadable(path, `its version is not ${VERSION}`);
  const contexts = Object.entries(readRecord(file['contexts'], path)).map(([name, fields]) =>
    readContext(name, readRecord(fields, path), path),
  );
  const current = typeof file['current'] === 'string' ? file['current'] : null;
  const book = { current, contexts };
  return findContext(book, current) === undefined ? { ...book, current: null } : book;
}

export function writeContextText({ current, contexts }: ContextBook): string {
  const fields = contexts.map(({ name, url, apiKey }) => [name, apiKey === null ? { url } : { url, apiKey }] as const);
  return `${JSON.stringify({ version: VERSION, current, contexts: Object.fromEntries(fields) }, null, 2)}\n`;
}

function readContext(name: string, { url, apiKey }: Record<string, unknown>, path: string): Context {
  if (!CONTEXT_NAME.test(name) || typeof url !== 'string') throw unreadable(path, `the context "${name}" is damaged`);
  return { name, url, apiKey: typeof apiKey === 'string' ? apiKey : null };
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message would show a piece of the file, and keys stand in it.
    throw unreadable(path, 'it is not JSON');
  }
}

function readRecord(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw unreadable(path, 'it is not a list of contexts');
}

const unreadable = (path: string, why: string): MeshError =>
  new MeshError('settings/invalid', `${path} cannot be used: ${why}`, {
    hint: 'Mend it, or move it away and add the contexts again with "scriptmesh context add".',
  });
