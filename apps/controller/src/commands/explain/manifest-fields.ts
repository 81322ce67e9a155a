import type { SchemaNode } from '../../ports/manifest-schema.js';

export interface ManifestField {
  /** From the top, with dots; what stands in a list is called as if there were no list: `scripts.name`. */
  readonly path: string;
  readonly required: boolean;
  readonly schema: SchemaNode;
}

/** All fields, each before those inside it. */
export function fieldsOf(schema: SchemaNode, above = ''): ManifestField[] {
  const inside = schema.items ?? schema;
  const required = inside.required ?? [];
  return Object.entries(inside.properties ?? {}).flatMap(([name, part]) => {
    const path = above === '' ? name : `${above}.${name}`;
    return [{ path, required: required.includes(name), schema: part }, ...fieldsOf(part, path)];
  });
}

/** `scripts[0].name` and `scripts[].name` are the same field as `scripts.name`. */
export const toPath = (asked: string): string => asked.replace(/\[\d*\]/g, '');

const MOST_NEAR = 3;

/** Those that were probably meant, the most likely first: the same last name, then a few letters apart. */
export function nearestPaths(asked: string, paths: readonly string[]): string[] {
  const wanted = lastOf(toPath(asked)).toLowerCase();
  return paths
    .map((path) => ({ path, apart: lettersApart(wanted, lastOf(path).toLowerCase()) }))
    .filter(({ path, apart }) => apart <= Math.max(2, Math.floor(lastOf(path).length / 3)))
    .sort((one, other) => one.apart - other.apart)
    .slice(0, MOST_NEAR)
    .map(({ path }) => path);
}

const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** Letters to add, drop or change (Levenshtein), one row of the table at a time; a name that begins alike counts as near. */
function lettersApart(one: string, other: string): number {
  if (one.length >= 3 && other.startsWith(one)) return 1;
  let row = Array.from({ length: other.length + 1 }, (_none, index) => index);
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1];
    for (const [column, against] of [...other].entries()) {
      const change = (row[column] ?? 0) + (letter === against ? 0 : 1);
      next.push(Math.min((row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
