import type { SettingsSchema, ValuesOf } from './schema/setting.js';
import type { SettingReader } from './sources.js';

/** Reads every setting of a schema; wrong ones are added to the reader's faults and come back as null. */
export function readSchema<S extends SettingsSchema>(schema: S, reader: SettingReader): ValuesOf<S> {
  const values: Record<string, unknown> = {};
  for (const [field, { name, value, secret, default: fallback }] of Object.entries(schema)) {
    const given = reader.find(name, secret === true) ?? fallback;
    const parsed = given === null ? { value: null } : value.parse(given);
    values[field] = 'problem' in parsed ? null : parsed.value;
    if ('problem' in parsed) reader.faults.push({ name, problem: parsed.problem, remedy: parsed.remedy });
  }
  return values as ValuesOf<S>;
}
