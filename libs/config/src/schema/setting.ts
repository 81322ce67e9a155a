import type { Parser } from '../parse-values.js';

/** One setting as data: how it is called, what it means, how it is read. */
export interface Setting<T> {
  /** Its name in the environment. */
  readonly name: string;
  readonly meaning: string;
  /** How its value is read. */
  readonly value: Parser<T>;
  /** As it would be written in the environment; null = not set. */
  readonly default: string | null;
  /** What stands in the documents when the default is made at start. */
  readonly defaultShown?: string;
  /** Also read from the file that `<name>_FILE` names; never shown. */
  readonly secret?: boolean;
}

export const setting = <T>(entry: Setting<T>): Setting<T> => entry;

/** A program's settings, field by field. */
export type SettingsSchema = Readonly<Record<string, Setting<unknown>>>;
export type ValuesOf<S extends SettingsSchema> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T | null : never;
};
