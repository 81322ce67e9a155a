const ROOM = 1024;

/**
 * The first `count` names that come after `after`, in the order of their characters' codes. However many names there
 * are, only a few more than `count` are held at a time.
 */
export async function firstNames(
  names: AsyncIterable<string> | Iterable<string>,
  after: string | null,
  count: number,
): Promise<readonly string[]> {
  let first: string[] = [];
  for await (const name of names) {
    if (after !== null && name <= after) continue;
    first.push(name);
    if (first.length >= count + ROOM) first = first.toSorted(byCode).slice(0, count);
  }
  return first.toSorted(byCode).slice(0, count);
}

const byCode = (a: string, b: string): number => (a < b ? -1 : 1);
