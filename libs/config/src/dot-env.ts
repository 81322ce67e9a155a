import { readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import type { SettingFault } from './fault.js';

/** The variables of a .env file; none when there is no such file. A file that cannot be read becomes a fault. */
export function readDotEnv(path: string, faults: SettingFault[]): Readonly<Record<string, string>> {
  try {
    return parse(readFileSync(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      const problem = `${path} cannot be read (${code ?? 'unknown error'})`;
      faults.push({ name: '.env', problem, remedy: 'Mend its permissions, or take it away' });
    }
    return {};
  }
}
