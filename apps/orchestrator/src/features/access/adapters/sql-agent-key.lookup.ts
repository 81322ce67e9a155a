import { Injectable } from '@nestjs/common';
import type { AgentId } from '@scriptmesh/contracts';
import { AgentKeyDigester } from '@scriptmesh/crypto';
import { Database, PreparedQuery } from '@scriptmesh/database';
import { AgentKeyLookup } from '../agent-key-lookup.js';

/** Every message of an agent asks this. */
const FIND_BY_DIGEST = new PreparedQuery((db, { digest }: { digest: string }) =>
  db.selectFrom('agents').select('id').where('key_digest', '=', digest),
);

@Injectable()
export class SqlAgentKeyLookup extends AgentKeyLookup {
  constructor(
    private readonly db: Database,
    private readonly digester: AgentKeyDigester,
  ) {
    super();
  }

  override async findAgents(agentKey: string): Promise<readonly AgentId[]> {
    const digest = this.digester.digest(agentKey);
    const rows = await FIND_BY_DIGEST.all(this.db.read, { digest });
    return rows.map(({ id }) => id as AgentId);
  }
}
