export const hasWildcard = (pattern: string): boolean => /[*?]/.test(pattern);

/**
 * Does a file name fit a pattern of `*` and `?`? As in a shell, neither stands for a leading dot. A star that was
 * too greedy gives back one character at a time and only the last star ever does, so the work is bounded by name
 * length times pattern length, whatever the pattern.
 */
export function matchesPattern(name: string, pattern: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let starAt = 0;
  while (at < name.length) {
    const sign = pattern[inPattern];
    if (sign === '*') {
      star = inPattern;
      starAt = at;
      inPattern += 1;
    } else if (sign === '?' || (sign !== undefined && sign === name[at])) {
      at += 1;
      inPattern += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      inPattern = star + 1;
    } else return false;
  }
  while (pattern[inPattern] === '*') inPattern += 1;
  return inPattern === pattern.length;
}
