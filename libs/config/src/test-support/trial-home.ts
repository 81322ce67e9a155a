import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SettingsError, type SettingFault } from '../fault.js';
import type { SettingSources } from '../sources.js';

/** A home folder of its own, and sources that know nothing but it. */
export class TrialHome {
  readonly path = mkdtempSync(join(tmpdir(), 'scriptmesh-settings-'));

  write(file: string, text: string, mode = 0o600): string {
    const path = join(this.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode });
    return path;
  }

  sources(env: Record<string, string> = {}, flags: Record<string, string> = {}): SettingSources {
    return { flags, env, cwd: this.path, hostname: 'db-3' };
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The faults that this work is refused with. @throws when it is not refused */
export function faultsOf(work: () => unknown): readonly SettingFault[] {
  try {
    work();
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
  throw new Error('there was no fault');
}

export const namesOfFaults = (work: () => unknown): readonly string[] => faultsOf(work).map(({ name }) => name);
