import { Injectable } from '@nestjs/common';
import { isName, isRunId } from '@scriptmesh/contracts';
import { ApiAccess } from '../../access/api-access.js';
import { ContextStore } from '../../ports/context-store.js';
import { ManifestSchema } from '../../ports/manifest-schema.js';
import { fieldsOf } from '../explain/manifest-fields.js';
import type { Candidate, NameKind } from './candidates.js';
import { SHELLS } from './shells.js';

/** One page of the API, and more than anyone reads. */
const MOST_NAMES = 500;
const MOST_RUNS = 50;

/** The names of things, as they are now. When adding a kind: KINDS in candidates.ts says where its names stand. */
@Injectable()
export class LiveNames {
  constructor(
    private readonly access: ApiAccess,
    private readonly manifest: ManifestSchema,
    private readonly contexts: ContextStore,
  ) {}

  /** Only names that mean nothing to a shell, whatever the answer says. `agent` narrows scripts to what it allows. */
  async list(kind: NameKind, agent: string | undefined): Promise<readonly Candidate[]> {
    switch (kind) {
      case 'agents':
        return this.#agents();
      case 'scripts':
        return this.#scripts(agent);
      case 'runs':
        return this.#runs();
      case 'fields':
        return fieldsOf(this.manifest.read()).flatMap(({ path, schema }) => named(path, schema.description));
      case 'contexts':
        return this.contexts.load().contexts.flatMap(({ name, url }) => named(name, url));
      case 'shells':
        return SHELLS.map((value) => ({ value, note: '' }));
    }
  }

  async #agents(): Promise<Candidate[]> {
    const agents = await this.access.client().listAgents({ atMost: MOST_NAMES });
    return agents.flatMap(({ name, liveness }) => named(name, liveness));
  }

  async #scripts(agent: string | undefined): Promise<Candidate[]> {
    const client = this.access.client();
    const scripts = await (agent === undefined
      ? client.listScripts({ atMost: MOST_NAMES })
      : client.agentScripts(agent));
    return scripts.slice(0, MOST_NAMES).flatMap(({ name, description }) => named(name, description));
  }

  async #runs(): Promise<Candidate[]> {
    const { items } = await this.access.client().listRuns({ limit: MOST_RUNS });
    return items
      .slice(0, MOST_RUNS)
      .flatMap(({ id, script, agent, state }) => named(isRunId(id) ? id : '', `${script} on ${agent}: ${state}`));
  }
}

/** Nothing for what is no name; the note is for people, so a missing one is no reason to leave the name out. */
const named = (value: unknown, note: unknown): Candidate[] =>
  isName(value) ? [{ value, note: typeof note === 'string' ? note : '' }] : [];
