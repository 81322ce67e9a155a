import Table from 'cli-table3';
import { escapeLine } from './escape-controls.js';
import type { Paint, View } from './view.js';

const NO_LINES = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid', 'middle']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .map((name) => [name, name === 'middle' ? '  ' : '']),
);

/** Columns without frames, so that the text can be copied and cut. Ends with a newline. */
export function toTable<T>(items: readonly T[], view: View<T>, colors: Paint): string {
  const heads = view.columns.map((column) => colors.bold(column.head.toUpperCase()));
  const rows = items.map((item) =>
    view.columns.map((column) => {
      const shown = escapeLine(column.text(item)) || '-';
      return column.paint?.(shown, item, colors) ?? shown;
    }),
  );
  return layOut([heads, ...rows]);
}

/** One thing as lines of `field  value`. */
export function toFields(item: object, colors: Paint): string {
  return layOut(
    Object.entries(item).map(([field, value]) => [colors.bold(field), escapeLine(fieldText(value)) || '-']),
  );
}

function fieldText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.map(fieldText).join(', ');
  return Object.entries(value)
    .map(([key, inner]) => `${key}=${typeof inner === 'object' ? JSON.stringify(inner) : String(inner)}`)
    .join(' ');
}

function layOut(rows: string[][]): string {
  const table = new Table({
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows);
  const lines = table.toString().split('\n');
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}
