import { Injectable } from '@nestjs/common';
import type { AgentId, ManifestReport } from '@scriptmesh/contracts';
import { Database, type Writer } from '@scriptmesh/database';
import { LRUCache } from 'lru-cache';
import type { Agent } from '../registry/index.js';

/** Agents whose names of scripts are remembered. */
const MOST_NAMED = 1000;
const NOTHING_KNOWN: ManifestReport = { scripts: [], faults: [] };

export interface CatalogueEntry {
  readonly name: string;
  readonly description: string | null;
  readonly agents: readonly string[];
}

/** The scripts of every agent as last told. Information: the agent itself decides, by the manifest it has then. */
@Injectable()
export class ScriptCatalogue {
  /** By agent and hash of its manifest: no agent can speak for another. */
  readonly #namesOf = new LRUCache<string, ReadonlySet<string>>({ max: MOST_NAMED });

  constructor(private readonly db: Database) {}

  /** Whether the agent's manifest lists the script; false as well when it is not known yet (`manifestSha` is null then). */
  async hasScript(agent: Agent, name: string): Promise<boolean> {
    // Asked for each run. What is remembered may be too much, then the agent refuses; never too little.
    if (agent.manifestSha !== null && this.#namesOf.get(keyOf(agent.id, agent.manifestSha))?.has(name)) return true;
    const { sha, report } = await this.#read(agent);
    const names = new Set(report.scripts.map((script) => script.name));
    if (sha !== null) this.#namesOf.set(keyOf(agent.id, sha), names);
    return names.has(name);
  }

  /** What the agent's manifest said last, read within a transaction of somebody else. */
  async isIdempotent(trx: Writer, agent: AgentId, name: string): Promise<boolean> {
    const row = await trx.selectFrom('agents').select('manifest').where('id', '=', agent).executeTakeFirst();
    const { scripts } = readReport(row?.manifest ?? null);
    return scripts.some((script) => script.name === name && script.idempotent);
  }

  async getReport(agent: Agent): Promise<ManifestReport> {
    return (await this.#read(agent)).report;
  }

  async #read({ id }: Agent): Promise<{ readonly sha: string | null; readonly report: ManifestReport }> {
    const row = await this.db.read
      .selectFrom('agents')
      .select(['manifest', 'manifest_sha'])
      .where('id', '=', id)
      .executeTakeFirst();
    return { sha: row?.manifest_sha ?? null, report: readReport(row?.manifest ?? null) };
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

const keyOf = (agent: AgentId, manifestSha: string): string => `${agent} ${manifestSha}`;

const readReport = (manifest: string | null): ManifestReport =>
  manifest === null ? NOTHING_KNOWN : (JSON.parse(manifest) as ManifestReport);
