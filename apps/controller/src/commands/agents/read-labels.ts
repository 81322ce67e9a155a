import { UsageFault } from '../../cli/usage-fault.js';

const HINT = 'Set a label with name=value, take it away with name-.';

/** `name=value` sets, `name-` takes away (null). */
export function readLabels(changes: readonly string[]): Record<string, string | null> {
  const labels = new Map<string, string | null>();
  for (const change of changes) {
    const { name, value } = readChange(change);
    if (labels.has(name)) throw new UsageFault(`the label "${name}" is given twice`, HINT);
    labels.set(name, value);
  }
  return Object.fromEntries(labels);
}

function readChange(change: string): { readonly name: string; readonly value: string | null } {
  const at = change.indexOf('=');
  if (at > 0) return { name: change.slice(0, at), value: change.slice(at + 1) };
  if (at === -1 && change.length > 1 && change.endsWith('-')) return { name: change.slice(0, -1), value: null };
  throw new UsageFault(`"${change}" is no change of a label`, HINT);
}
