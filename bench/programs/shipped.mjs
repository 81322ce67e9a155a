import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Each program as its image and its unit start it: Node's flags, and the file. */
export const SHIPPED = {
  orchestrator: {
    nodeFlags: ['--max-semi-space-size=8'],
    file: join(ROOT, 'dist/orchestrator/bundle/orchestrator.mjs'),
  },
  agent: { nodeFlags: ['--max-semi-space-size=4'], file: join(ROOT, 'dist/agent.mjs') },
};
