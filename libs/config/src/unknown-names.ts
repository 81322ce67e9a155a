import { ALL_NAMES } from './schema/all-settings.js';

const MOST_SLIPS = 3;

/**
 * Names that look like ours and mean nothing: spelling mistakes, most likely.
 * @returns each with the name that was probably meant, as in "SCRIPT_MESH_PROT (did you mean SCRIPT_MESH_PORT?)"
 */
export function describeUnknownNames(given: Iterable<string>): readonly string[] {
  const unknown = [...new Set(given)].filter((name) => name.startsWith('SCRIPT_MESH_') && !ALL_NAMES.has(name));
  return unknown.sort().map((name) => {
    const meant = nearestName(name);
    return meant === undefined ? name : `${name} (did you mean ${meant}?)`;
  });
}

function nearestName(name: string): string | undefined {
  const ranked = [...ALL_NAMES].map((known) => ({ known, slips: countSlips(name, known) }));
  return ranked.filter(({ slips }) => slips <= MOST_SLIPS).sort((a, b) => a.slips - b.slips)[0]?.known;
}

/** Letters to insert, delete or change to come from one word to the other (Levenshtein). */
function countSlips(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...to].entries()) {
      const changed = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
