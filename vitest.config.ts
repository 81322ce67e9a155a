import { defineConfig } from 'vitest/config';

const shared = {
  resolve: { tsconfigPaths: true },
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
} as const;

/** How long a slow machine is waited for; a test that passes waits for none of it. */
const patience = { testTimeout: 20_000, hookTimeout: 30_000, expect: { poll: { timeout: 10_000 } } };

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          // Modules are read once per worker, not once per file: half of the time. Specs keep no state in modules.
          isolate: false,
          // Half of their time they wait for disks and processes.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
          include: ['apps/**/*.spec.ts', 'libs/**/*.spec.ts', 'tools/**/*.spec.ts', 'bench/**/*.spec.mjs'],
          setupFiles: ['./test/setup/reflect.ts'],
          ...patience,
        },
      },
      {
        ...shared,
        test: {
          name: 'properties',
          // Bugs are planted into classes that the files would share.
          isolate: true,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          include: ['test/properties/**/*.spec.ts'],
          setupFiles: ['./test/setup/reflect.ts'],
          ...patience,
        },
      },
      {
        ...shared,
        test: {
          name: 'e2e',
          sequence: { groupOrder: 2 },
          include: ['test/**/*.e2e-spec.ts'],
          setupFiles: ['./test/setup/reflect.ts'],
          expect: patience.expect,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Most of their time they wait for other processes.
          maxWorkers: 3,
        },
      },
    ],
  },
});
