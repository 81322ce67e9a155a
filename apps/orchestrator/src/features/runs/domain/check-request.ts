import { isName, MeshError, NAME_RULE, type FieldFault } from '@scriptmesh/contracts';
import type { ParamValue } from './run.js';

const PARAM_NAME = /^[A-Za-z][A-Za-z0-9_]{0,127}$/;
const FORBIDDEN_NAMES = new Set(['constructor', 'prototype']);
const VALUE_BYTES = 32 * 1024;
const ALL_BYTES = 256 * 1024;
/** As JSON, names and escapes too: an offer has to fit into the header of one frame. */
const JSON_BYTES = 384 * 1024;
const LONE_SURROGATE = /\p{Surrogate}/u;
const WORD = /^[\w.@-]{1,128}$/;

/**
 * A script is asked for by name. A path, a list or a number is no name (400); `__proto__` is a word that no manifest
 * can list (404).
 * @throws MeshError request/malformed or script/not-found
 */
export function checkScriptName(script: unknown): string {
  if (isName(script)) return script;
  if (typeof script === 'string' && WORD.test(script) && !script.includes('..')) throw scriptNotFound(script);
  const faults = [{ path: 'script', message: `has to be a name: ${NAME_RULE}` }];
  throw new MeshError('request/malformed', 'script is not the name of a script', { faults });
}

export const scriptNotFound = (script: string, agent?: string): MeshError =>
  new MeshError(
    'script/not-found',
    agent === undefined ? `there is no script "${script}"` : `${agent} has no script "${script}"`,
    {
      hint:
        agent === undefined
          ? 'List the scripts: "scriptmesh scripts list".'
          : `List its scripts: "scriptmesh scripts list -a ${agent}".`,
    },
  );

/**
 * Nothing is coerced: what is asked for is what the script gets, or a fault. The agent checks again, on its own.
 * @throws MeshError request/malformed for NUL, request/too-large, params/invalid with all faults
 */
export function checkParams(params: unknown): Readonly<Record<string, ParamValue>> {
  if (params === undefined) return {};
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw invalid([{ path: 'params', message: 'has to be an object' }]);
  }
  const pairs = Object.entries(params);
  const nul = pairs.find(([name, value]) => `${name}${typeof value === 'string' ? value : ''}`.includes('\0'));
  if (nul) {
    const faults = [{ path: pathOf(nul[0]), message: 'must not contain a NUL character' }];
    throw new MeshError('request/malformed', 'a parameter holds a NUL character', { faults });
  }
  const faults = pairs
    .flatMap(([name, value]) => findFault(name, value))
    .concat(findTwins(pairs.map(([name]) => name)));
  if (faults.length > 0) throw invalid(faults);
  checkSizes(pairs as [string, ParamValue][]);
  return params as Record<string, ParamValue>;
}

const pathOf = (name: string): string => `params.${name.slice(0, 80).replaceAll('\0', '')}`;

const invalid = (faults: readonly FieldFault[]): MeshError => {
  const words = faults.map(({ path, message }) => `${path} ${message}`).join('; ');
  return new MeshError('params/invalid', `the parameters are not valid: ${words}`.slice(0, 1000), { faults });
};

function findFault(name: string, value: unknown): FieldFault[] {
  const path = pathOf(name);
  if (!PARAM_NAME.test(name) || FORBIDDEN_NAMES.has(name)) {
    return [{ path, message: 'is not a name for a parameter: a letter first, then letters, digits or "_"' }];
  }
  if (typeof value === 'number' || typeof value === 'boolean') return [];
  if (typeof value !== 'string') return [{ path, message: 'has to be a text, a number, true or false' }];
  return LONE_SURROGATE.test(value) ? [{ path, message: 'has to be valid Unicode' }] : [];
}

/** `host` and `HOST` would be one variable of the script's environment. */
function findTwins(names: readonly string[]): FieldFault[] {
  const seen = new Map<string, string>();
  return names.flatMap((name) => {
    const twin = seen.get(name.toUpperCase());
    seen.set(name.toUpperCase(), name);
    return twin === undefined
      ? []
      : [{ path: pathOf(name), message: `differs from ${twin.slice(0, 80)} only in case` }];
  });
}

function checkSizes(pairs: readonly [string, ParamValue][]): void {
  let together = 0;
  for (const [name, value] of pairs) {
    const bytes = Buffer.byteLength(String(value));
    together += bytes;
    if (bytes <= VALUE_BYTES && together <= ALL_BYTES) continue;
    const detail = `the parameters are too large: ${pathOf(name)} goes beyond ${VALUE_BYTES} bytes for one or ${ALL_BYTES} for all`;
    throw tooLarge(detail);
  }
  if (Buffer.byteLength(JSON.stringify(Object.fromEntries(pairs))) > JSON_BYTES) {
    throw tooLarge(`the parameters are too large: as JSON they go beyond ${JSON_BYTES} bytes`);
  }
}

const tooLarge = (detail: string): MeshError =>
  new MeshError('request/too-large', detail, { hint: 'Send less, or let the script fetch the data itself.' });
