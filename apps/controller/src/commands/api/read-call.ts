import { isApiPath, type RawRequest } from '@scriptmesh/api-client';
import { InvalidValue, UsageFault } from '../../cli/usage-fault.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** In any case. @throws UsageFault */
export function readMethod(word: string): RawRequest['method'] {
  const method = METHODS.find((known) => known === word.toUpperCase());
  if (method !== undefined) return method;
  throw new UsageFault(`"${word}" is no method`, `Give one of ${METHODS.join(', ')}, then the path.`);
}

/** @throws UsageFault */
export function readPath(word: string): string {
  if (isApiPath(word)) return word;
  throw new UsageFault(
    `"${word}" is no path of the orchestrator`,
    'Begin it with one /, as in /api/v1/runs, without blanks or a host: the key goes to the orchestrator in use only.',
  );
}

/** One more `name: value`; names in lower case. @throws InvalidValue without the value, which may be a secret */
export function readHeader(word: string, before: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e]*)$/.exec(word) ?? [];
  if (name === undefined || value === undefined) throw new InvalidValue('The form "name: value" is needed.');
  return new Map([...before, [name.toLowerCase(), value]]);
}
