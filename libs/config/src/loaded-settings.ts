import type { Failpoints } from '@scriptmesh/failpoints';
import { SettingsError } from './fault.js';
import type { SettingReader } from './sources.js';
import { describeUnknownNames } from './unknown-names.js';

/** Checked settings, with what deserves a warning. */
export interface LoadedSettings<T> {
  readonly settings: T;
  /**
   * SCRIPT_MESH_* names that no program knows, each with the one that was probably meant:
   * "SCRIPT_MESH_PROT (did you mean SCRIPT_MESH_PORT?)".
   */
  readonly unknownNames: readonly string[];
}

/** Of a program that can be made to fail on purpose. */
export interface LoadedProgram<T> extends LoadedSettings<T> {
  /** To be armed at the start; none in production mode. */
  readonly failpoints: Failpoints;
}

/**
 * Freezes the settings, or refuses all of them.
 * @throws SettingsError when the reader has found any fault
 */
export function finishSettings<T extends object>(settings: T, reader: SettingReader): LoadedSettings<T> {
  if (reader.faults.length > 0) throw new SettingsError(reader.faults);
  return { settings: freezeDeeply(settings), unknownNames: describeUnknownNames(reader.givenNames()) };
}

function freezeDeeply<T extends object>(value: T): T {
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner !== null) freezeDeeply(inner as object);
  return Object.freeze(value);
}
