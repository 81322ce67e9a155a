import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { SettingSources } from '@scriptmesh/config';
import { problem, type Finding } from './finding.js';

/** What a folder that is no home would be asked tells of nothing; undefined when there is a home. */
export function lookForHome({ env, flags, cwd }: SettingSources, program: string): Finding | undefined {
  const home = flags['SCRIPT_MESH_HOME'] ?? env['SCRIPT_MESH_HOME'] ?? cwd;
  try {
    statSync(join(home, 'cfg'));
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' ? closed(home, program) : stray(home, program);
  }
}

const closed = (home: string, program: string): Finding =>
  problem(
    'home',
    `${home} may not be looked into by this user`,
    `Run it as the user of the ${program}; docs/doctor.md shows how for a service.`,
  );

const stray = (home: string, program: string): Finding =>
  problem(
    'home',
    `${home} is not the home folder of an ${program}: there is no cfg in it`,
    'Go there, or set SCRIPT_MESH_HOME; a program that was never started has none yet.',
  );
