import { MeshError } from '@scriptmesh/contracts';
import { refuseLossyJson } from './refuse-lossy-json.js';

const MOST_LEVELS = 32;
/** Names that mean something else to JavaScript than a field; later steps would drop them in silence. */
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** Only such a text can hold one of them, possibly with escapes. */
const SUSPICIOUS = /__proto__|constructor|prototype|\\u/;

/** @throws MeshError request/malformed for what is no JSON in UTF-8, too deep, lossy, or has a forbidden field name */
export function parseStrictJson(bytes: Buffer): unknown {
  const value = parseAnyJson(bytes);
  refuseLossyJson(bytes.toString('utf8'));
  if (SUSPICIOUS.test(bytes.toString('latin1'))) refuseNames(value);
  return value;
}

/** With any names, for who looks at own fields only. @throws MeshError request/malformed as above but for the names */
export function parseAnyJson(bytes: Buffer): unknown {
  refuseDepth(bytes);
  return parse(decode(bytes));
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new MeshError('request/malformed', 'the body is not UTF-8', { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MeshError('request/malformed', 'the body is not JSON', { cause });
  }
}

/** What comes after the parser recurses and would fall over deep nesting, so it is counted before. */
function refuseDepth(bytes: Buffer): void {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (inText) {
      if (byte === 0x5c) at += 1;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x5b || byte === 0x7b) depth += 1;
    else if (byte === 0x5d || byte === 0x7d) depth -= 1;
    if (depth > MOST_LEVELS) {
      throw new MeshError('request/malformed', `the JSON of the body is nested deeper than ${MOST_LEVELS} levels`);
    }
  }
}

function refuseNames(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (!Array.isArray(value) && FORBIDDEN_NAMES.has(name)) {
      throw new MeshError('request/malformed', `the body has a field "${name}", which is not allowed as a name`);
    }
    refuseNames(inner);
  }
}
