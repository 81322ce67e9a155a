import type { SpoolDisk } from '../features/journal/index.js';

/** Lets through a number of operations, then fails all of them, as if the power had gone. */
export function crashingDisk(disk: SpoolDisk, operations: number): { readonly disk: SpoolDisk; hasCrashed(): boolean } {
  let left = operations;
  const proxy = new Proxy(disk, {
    get: (target, name) => {
      const operation = Reflect.get(target, name) as (...args: readonly unknown[]) => Promise<unknown>;
      return async (...args: readonly unknown[]) => {
        left -= 1;
        if (left < 0) throw Object.assign(new Error('crash of a test'), { code: 'EIO' });
        return operation.apply(target, args as unknown[]);
      };
    },
  });
  return { disk: proxy, hasCrashed: () => left < 0 };
}
