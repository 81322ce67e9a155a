import { resolve } from 'node:path';
import type { ArmedPoint, Failpoints } from '@scriptmesh/failpoints';
import { FAILPOINT, MODE } from './schema/common-settings.js';
import type { Mode } from './settings.js';
import type { SettingReader } from './sources.js';

interface Given {
  readonly mode: Mode | null;
  readonly failpoints: readonly ArmedPoint[] | null;
  readonly failpointLog: string | null;
}

/** A program that works for somebody must not be made to die at a place of one's choice. */
export function takeFailpoints({ mode, failpoints, failpointLog }: Given, reader: SettingReader): Failpoints {
  const points = failpoints ?? [];
  if (points.length > 0 && mode === 'production') {
    reader.faults.push({
      name: FAILPOINT.name,
      problem: 'it makes the program die, fail or pause on purpose, and the mode is production',
      remedy: `Leave it out, or set ${MODE.name}=development where nothing of value runs`,
    });
  }
  return { points, log: failpointLog === null ? null : resolve(reader.sources.cwd, failpointLog) };
}
