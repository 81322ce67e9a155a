import { join } from 'node:path';
import { Program, ROOT } from './program.js';

/** Starts a program of test/stand-ins. */
export const startStandIn = (name: 'agent-02' | 'orchestrator-02', env: Readonly<Record<string, string>>): Program =>
  new Program([join(ROOT, `test/stand-ins/${name}.mjs`)], env, ROOT);
