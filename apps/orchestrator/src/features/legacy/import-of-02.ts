import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { isMeshError, MAIN_PRINCIPAL, MeshError } from '@scriptmesh/contracts';
import { Fernet } from '@scriptmesh/crypto';
import { AgentCredentials, AgentDirectory, Registrations, type Agent } from '../registry/index.js';
import { readRegistry02, type Entry02 } from './domain/read-registry-02.js';
import { findByName } from './find-by-name.js';

const MOST_BYTES = 64 * 1024 * 1024;
const BY = { kind: 'operator', id: MAIN_PRINCIPAL } as const;

export interface ImportReport {
  readonly taken: readonly string[];
  /** Registered here already, and left as they are. */
  readonly kept: readonly string[];
  readonly notTaken: readonly { readonly name: string; readonly why: string }[];
}

/** Takes the agents of a ScriptMesh 0.2 installation into the registry. Nothing that is here already is changed. */
@Injectable()
export class ImportOf02 {
  constructor(
    private readonly agents: AgentDirectory,
    private readonly credentials: AgentCredentials,
    private readonly registrations: Registrations,
  ) {}

  /** @param folder where 0.2 was started: the one with `cfg/`. @throws MeshError settings/invalid; nothing was taken then */
  async importFolder(folder: string): Promise<ImportReport> {
    const fernet = await readKey(join(folder, 'cfg', 'fernet.key'));
    const entries = await readEntries(join(folder, 'cfg', 'agent_registry.json'), fernet);
    const taken: string[] = [];
    const kept: string[] = [];
    const notTaken: { name: string; why: string }[] = [];
    for (const entry of entries) {
      const outcome = await this.#take(entry);
      if (outcome === 'taken') taken.push(entry.name);
      else if (outcome === 'kept') kept.push(entry.name);
      else notTaken.push({ name: entry.name, why: outcome.why });
    }
    return { taken, kept, notTaken };
  }

  async #take(entry: Entry02): Promise<'taken' | 'kept' | { readonly why: string }> {
    if ('fault' in entry) return { why: entry.fault };
    try {
      const known = await findByName(this.agents, entry.name);
      if (known) return await this.#compare(known, entry.key);
      await this.registrations.registerLegacy(entry, BY);
      return 'taken';
    } catch (error) {
      if (!isMeshError(error) || error.status >= 500) throw error;
      return { why: error.detail };
    }
  }

  async #compare({ id }: Agent, key: string): Promise<'kept' | { readonly why: string }> {
    const credential = await this.credentials.getCredential(id);
    return credential.key === key ? 'kept' : { why: 'the name is registered here with another key' };
  }
}

async function readKey(file: string): Promise<Fernet> {
  try {
    return new Fernet((await readText(file)).trim());
  } catch (error) {
    throw isMeshError(error) && error.code === 'crypto/wrong-fernet-key'
      ? unusable(`${file} holds no Fernet key`, error)
      : error;
  }
}

async function readEntries(file: string, fernet: Fernet): Promise<readonly Entry02[]> {
  const text = await readText(file);
  try {
    return readRegistry02(text, fernet);
  } catch (error) {
    throw unusable(`${file} cannot be understood: ${(error as Error).message}`, error);
  }
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MOST_BYTES) throw new Error(`it has ${size} bytes`);
    return await readFile(file, 'utf8');
  } catch (error) {
    throw unusable(`${file} cannot be read: ${(error as Error).message}`, error);
  }
}

const unusable = (detail: string, cause: unknown): MeshError =>
  new MeshError('settings/invalid', detail, {
    cause,
    hint: 'Name the folder in which ScriptMesh 0.2 was started: the one with cfg/agent_registry.json and cfg/fernet.key.',
  });
