import { AGENT_SCHEMA } from './agent-schema.js';
import { CONTROLLER_SCHEMA } from './controller-schema.js';
import { ORCHESTRATOR_SCHEMA } from './orchestrator-schema.js';
import type { SettingsSchema } from './setting.js';

/** The programs with their settings, in the order of the documents. */
export const PROGRAMS: ReadonlyArray<{ readonly title: string; readonly schema: SettingsSchema }> = [
  { title: 'Orchestrator', schema: ORCHESTRATOR_SCHEMA },
  { title: 'Agent', schema: AGENT_SCHEMA },
  { title: 'Command line', schema: CONTROLLER_SCHEMA },
];

/** Every name that means something to one of the programs, `*_FILE` included: they may share one environment. */
export const ALL_NAMES: ReadonlySet<string> = new Set(
  PROGRAMS.flatMap(({ schema }) =>
    Object.values(schema).flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name])),
  ),
);
