import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Tests of the images, started by containers.sh. */
export default defineConfig({
  root: join(import.meta.dirname, '../..'),
  resolve: { tsconfigPaths: true },
  test: { include: ['ops/test/*.e2e-spec.ts'], testTimeout: 180_000, hookTimeout: 300_000 },
});
