import { InvalidValue } from './usage-fault.js';

/** Whole seconds or counts; `least` is the smallest that makes sense. */
export function readWholeNumber(value: string, least: number): number {
  const number = Number(value);
  if (!/^\d{1,9}$/.test(value) || number < least) throw new InvalidValue(`A whole number from ${least} on is needed.`);
  return number;
}

/** One more `name=value`; a name given twice is a mistake, not a list. */
export function readAssignment(
  value: string,
  before: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const at = value.indexOf('=');
  if (at < 1) throw new InvalidValue('The form name=value is needed.');
  const name = value.slice(0, at);
  if (before.has(name)) throw new InvalidValue(`"${name}" is given twice.`);
  return new Map([...before, [name, value.slice(at + 1)]]);
}
