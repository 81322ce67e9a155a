import type { createColors } from 'picocolors';

export type Paint = ReturnType<typeof createColors>;

export interface Column<T> {
  readonly head: string;
  /** Plain text; it is escaped before it is shown. */
  readonly text: (item: T) => string;
  readonly paint?: (shown: string, item: T, colors: Paint) => string;
}

/** How one kind of thing is shown. */
export interface View<T> {
  readonly columns: readonly Column<T>[];
  readonly nameOf: (item: T) => string;
}
