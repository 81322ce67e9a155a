import { SettingsError } from '@scriptmesh/config';
import { problem, type Finding } from './finding.js';

/** Settings that a program would not start with, one finding each: default keys and files that others can read among them. */
export function findingsOf(error: unknown): readonly Finding[] {
  if (!(error instanceof SettingsError)) throw error;
  return error.faults.map(({ name, problem: what, remedy }) =>
    problem('settings', `${name}: ${what}`, `${remedy}.`.replace(/\.\.$/, '.')),
  );
}
