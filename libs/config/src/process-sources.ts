import { hostname } from 'node:os';
import type { SettingSources } from './sources.js';

/** The sources of this process. Nothing else of ScriptMesh reads process.env. */
export const processSources = (
  flags: Readonly<Record<string, string>> = {},
  { leavesNoTraces = false } = {},
): SettingSources => ({
  flags,
  leavesNoTraces,
  env: process.env,
  cwd: process.cwd(),
  hostname: hostname(),
});
