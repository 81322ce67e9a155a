import { Injectable } from '@nestjs/common';
import {
  LEGACY_TRANSPORT,
  type ScriptResource,
  isLegacyReply,
  legacyDetail,
  legacyReply,
  readLegacyQuery,
  type LegacyReply,
} from '@scriptmesh/contracts';
import { ScriptCatalogue } from '../catalogue/index.js';
import { isRecord, LegacyAgentCalls, parseBody, reasonOf } from '../legacy-calls/index.js';
import { AgentLinks } from '../links/index.js';
import { AgentDirectory, type Agent } from '../registry/index.js';
import { findByName, INVALID_AGENT } from './find-by-name.js';
import { ReachAgent } from './reach-agent.js';

/** The orchestrator's half of what a manifest is read with: of a 0.2 agent from itself, of the others from what they told. */
@Injectable()
export class ManifestSources {
  constructor(
    readonly calls: LegacyAgentCalls,
    readonly catalogue: ScriptCatalogue,
    readonly links: AgentLinks,
  ) {}
}

/** GET /get-scripts of 0.2: the manifest of an agent as it is now. */
@Injectable()
export class ScriptsOf02 {
  constructor(
    private readonly agents: AgentDirectory,
    private readonly reach: ReachAgent,
    private readonly sources: ManifestSources,
  ) {}

  async list(query: Readonly<Record<string, unknown>>): Promise<LegacyReply> {
    const name = readLegacyQuery(query, 'agent');
    if (isLegacyReply(name)) return name;
    const agent = await findByName(this.agents, name);
    if (!agent) return INVALID_AGENT;
    return agent.transport === LEGACY_TRANSPORT ? this.#ask(agent) : this.#tell(agent);
  }

  async #ask(agent: Agent): Promise<LegacyReply> {
    const answer = await this.sources.calls.getScripts(agent);
    const manifest = answer.kind === 'answered' && answer.status === 200 ? parseBody(answer.body) : undefined;
    return isRecord(manifest) ? legacyReply(200, manifest) : agentError(reasonOf(answer));
  }

  async #tell(agent: Agent): Promise<LegacyReply> {
    const fault = await this.reach.findFault(agent);
    if (fault !== undefined) return agentError(fault);
    await this.sources.links.send(agent.id, [{ kind: 'manifestWanted' }]);
    const fresh = (await this.agents.findAgent(agent.id)) ?? agent;
    const { scripts } = await this.sources.catalogue.getReport(fresh);
    return legacyReply(200, { scripts: scripts.map(toLegacyScript) });
  }
}

const agentError = (reason: string): LegacyReply => legacyDetail(500, `Agent error: ${reason}`);

/** `name` and `path` as in 0.2; what is optional in a manifest is there when the node says it. */
function toLegacyScript({ name, path, description, interpreter, timeoutSeconds, maxConcurrent }: ScriptResource) {
  const optional = { description, interpreter, timeoutSeconds, maxConcurrent };
  const told = Object.entries(optional).filter(([, value]) => value !== null);
  return { name, path, ...Object.fromEntries(told) };
}
