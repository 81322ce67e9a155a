import { legacyReply, type LegacyReply } from './reply.js';

/** What a client of 0.2 gets to see of a key that it sent. */
const HIDDEN = '***';
const SECRET_FIELDS: ReadonlySet<string> = new Set(['api_key']);

/** One entry of a 422 answer, in the shape of the validator that 0.2 used. */
interface LegacyFieldFault {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
}

/** For a body that is no JSON at all. */
export const LEGACY_NO_JSON: LegacyReply = legacyReply(422, {
  detail: [
    {
      type: 'json_invalid',
      loc: ['body', 0],
      msg: 'JSON decode error',
      input: {},
      ctx: { error: 'the body is not valid JSON' },
    },
  ],
});

const invalidFields = (faults: readonly LegacyFieldFault[]): LegacyReply => legacyReply(422, { detail: faults });

const missing = (loc: readonly string[], input: unknown): LegacyFieldFault => ({
  type: 'missing',
  loc,
  msg: 'Field required',
  input,
});

/** Nobody knows where in such a body a key stands. */
function noObject(body: unknown, names: readonly (readonly string[])[]): LegacyReply {
  const msg = 'Input should be a valid dictionary or object to extract fields from';
  const input = names.flat().some(isSecret) ? HIDDEN : body;
  return invalidFields([{ type: 'model_attributes_type', loc: ['body'], msg, input }]);
}

/**
 * Reads text fields of a body; unknown fields are ignored, as 0.2 does.
 * @param names each field with the names it may come under; the first one is named in faults
 */
export function readLegacyFields<Name extends string>(
  body: unknown,
  names: Readonly<Record<Name, readonly string[]>>,
): Readonly<Record<Name, string>> | LegacyReply {
  if (body === undefined || body === null) return invalidFields([missing(['body'], null)]);
  if (typeof body !== 'object' || Array.isArray(body)) return noObject(body, Object.values(names));
  const fields = body as Readonly<Record<string, unknown>>;
  const faults: LegacyFieldFault[] = [];
  const values: Partial<Record<Name, string>> = {};
  for (const name of Object.keys(names) as Name[]) {
    const found = names[name].find((alias) => Object.hasOwn(fields, alias));
    const loc = ['body', found ?? names[name][0] ?? name];
    const value = found === undefined ? undefined : fields[found];
    if (typeof value === 'string') values[name] = value;
    else if (found === undefined) faults.push(missing(loc, withoutSecrets(fields)));
    else faults.push({ type: 'string_type', loc, msg: 'Input should be a valid string', input: shown(found, value) });
  }
  return faults.length > 0 ? invalidFields(faults) : (values as Record<Name, string>);
}

/** A text of the query; the last one counts when it is given more than once, as in 0.2. */
export function readLegacyQuery(query: Readonly<Record<string, unknown>>, name: string): string | LegacyReply {
  const given = query[name];
  const value: unknown = Array.isArray(given) ? given.at(-1) : given;
  return typeof value === 'string' ? value : invalidFields([missing(['query', name], null)]);
}

export const isLegacyReply = (value: unknown): value is LegacyReply =>
  typeof value === 'object' && value !== null && 'json' in value && 'status' in value;

const isSecret = (name: string): boolean => SECRET_FIELDS.has(name);

const shown = (name: string, value: unknown): unknown => (isSecret(name) ? HIDDEN : value);

const withoutSecrets = (fields: Readonly<Record<string, unknown>>): unknown =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, shown(name, value)]));
