import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SettingSources } from '@scriptmesh/config';
import { problem, type Finding } from './finding.js';

/** Loading settings would make a key in a folder that is none of a program's; undefined when there is a home. */
export function lookForHome({ env, flags, cwd }: SettingSources, program: string): Finding | undefined {
  const home = flags['SCRIPT_MESH_HOME'] ?? env['SCRIPT_MESH_HOME'] ?? cwd;
  if (existsSync(join(home, 'cfg'))) return undefined;
  return problem(
    'home',
    `${home} is not the home folder of an ${program}: there is no cfg in it`,
    'Go there, or set SCRIPT_MESH_HOME; a program that was never started has none yet.',
  );
}
