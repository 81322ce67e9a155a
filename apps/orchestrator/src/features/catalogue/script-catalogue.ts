import { Injectable } from '@nestjs/common';
import type { AgentId, ManifestReport, ScriptResource } from '@scriptmesh/contracts';
import { Database, type Writer } from '@scriptmesh/database';
import type { Agent } from '../registry/index.js';

const NOTHING_KNOWN: ManifestReport = { scripts: [], faults: [] };

export interface CatalogueEntry {
  readonly name: string;
  readonly description: string | null;
  readonly agents: readonly string[];
}

/** The scripts of every agent as last told. Information: the agent itself decides, by the manifest it has then. */
@Injectable()
export class ScriptCatalogue {
  constructor(private readonly db: Database) {}

  /** undefined when the agent's manifest does not list the script, or is not known yet (`manifestSha` is null then). */
  async findScript(agent: Agent, name: string): Promise<ScriptResource | undefined> {
    return (await this.getReport(agent)).scripts.find((script) => script.name === name);
  }

  /** What the agent's manifest said last, read within a transaction of somebody else. */
  async isIdempotent(trx: Writer, agent: AgentId, name: string): Promise<boolean> {
    const row = await trx.selectFrom('agents').select('manifest').where('id', '=', agent).executeTakeFirst();
    const { scripts } = readReport(row?.manifest ?? null);
    return scripts.some((script) => script.name === name && script.idempotent);
  }

  async getReport(agent: Agent): Promise<ManifestReport> {
    const row = await this.db.read
      .selectFrom('agents')
      .select('manifest')
      .where('id', '=', agent.id)
      .executeTakeFirst();
    return readReport(row?.manifest ?? null);
  }

  /** Every script name with the agents that list it, in the order of names. */
  async listAll(): Promise<readonly CatalogueEntry[]> {
    const found = new Map<string, { description: string | null; agents: string[] }>();
    for (const { name, manifest } of await this.#listManifests()) {
      for (const script of readReport(manifest).scripts) {
        const entry = found.get(script.name) ?? { description: script.description, agents: [] };
        entry.agents.push(name);
        found.set(script.name, entry);
      }
    }
    return [...found].map(([name, entry]) => ({ name, ...entry })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  #listManifests() {
    return this.db.read.selectFrom('agents').select(['name', 'manifest']).orderBy('folded_name').execute();
  }
}

const readReport = (manifest: string | null): ManifestReport =>
  manifest === null ? NOTHING_KNOWN : (JSON.parse(manifest) as ManifestReport);
