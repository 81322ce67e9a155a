import { join } from 'node:path';
import { isName, NAME_RULE } from '@scriptmesh/contracts';
import { readClientCertificate } from './client-certificate.js';
import { takeHome } from './home-folder.js';
import { findKeyInFile } from './key-files.js';
import { checkForeignKey } from './key-rules.js';
import { finishSettings, type LoadedProgram } from './loaded-settings.js';
import { takeOwnKey } from './own-key.js';
import { shown } from './parse-values.js';
import { readSchema } from './read-schema.js';
import { AGENT_SCHEMA } from './schema/agent-schema.js';
import type { AgentSettings } from './settings.js';
import { SettingReader, type SettingSources } from './sources.js';
import { takeFailpoints } from './take-failpoints.js';

/**
 * Reads and checks all settings of the agent. Makes cfg/agent.key when there is none, unless the sources leave no traces, and never a main key.
 * @throws SettingsError with every fault
 */
export function loadAgentSettings(sources: SettingSources): LoadedProgram<AgentSettings> {
  const reader = new SettingReader(sources);
  const { failpoints, failpointLog, clientCertificateFile, clientKeyFile, ...values } = readSchema(
    AGENT_SCHEMA,
    reader,
  );
  const armed = takeFailpoints({ mode: values.mode, failpoints, failpointLog }, reader);
  const name = readName(values.name, reader);
  const registrationKey = readRegistrationKey(values.registrationKey, reader);
  const own = { name: AGENT_SCHEMA.key.name, file: 'cfg/agent.key', given: values.key } as const;
  takeHome(reader);
  const key = takeOwnKey(own, values, reader);
  const clientCertificate = readClientCertificate(
    {
      certificate: { name: AGENT_SCHEMA.clientCertificateFile.name, file: clientCertificateFile },
      key: { name: AGENT_SCHEMA.clientKeyFile.name, file: clientKeyFile },
    },
    reader,
  );
  const settings = { ...values, home: reader.home, name, key, registrationKey, clientCertificate };
  // A value that is null here although its type says otherwise has left a fault, so these settings never get out.
  return { ...finishSettings(settings as AgentSettings, reader), failpoints: armed };
}

function readName(given: string | null, { sources, faults }: SettingReader): string {
  const setting = AGENT_SCHEMA.name.name;
  const name = given ?? `${sources.hostname}_ScriptMesh_Agent`;
  const isFaulty = faults.some((fault) => fault.name === setting);
  if (!isFaulty && !isName(name)) {
    faults.push({ name: setting, problem: `${shown(name)} cannot be an agent's name`, remedy: `Names ${NAME_RULE}` });
  }
  return name;
}

/** A node whose name is registered already does not need the main key, so a file it may not read is no fault. */
function readRegistrationKey(given: string | null, { home, faults }: SettingReader): string | null {
  const { name } = AGENT_SCHEMA.registrationKey;
  const before = faults.length;
  const key = given ?? findKeyInFile(name, join(home, 'cfg/main.key'), faults) ?? null;
  if (key !== null && faults.length === before) checkForeignKey(name, key, faults);
  return key;
}
