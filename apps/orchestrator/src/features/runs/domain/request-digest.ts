import { createHash } from 'node:crypto';

/** SHA-256, in hex, of what is asked for: the same however its fields are ordered and whatever space stood between them. */
export const digestRequest = (request: object): string =>
  createHash('sha256')
    .update(JSON.stringify(sortKeys(request)))
    .digest('hex');

/** Fields without a value are no fields, as in JSON. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  // Pairs and not an object: an object would put names that look like numbers first, and lose `__proto__`.
  const pairs = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { pairs: pairs.map(([name, field]) => [name, sortKeys(field)]) };
}
