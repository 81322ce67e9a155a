import { Injectable } from '@nestjs/common';
import type { AgentId } from '@scriptmesh/contracts';
import { AgentKeyDigester } from '@scriptmesh/crypto';
import { Database } from '@scriptmesh/database';
import { AgentKeyLookup } from '../agent-key-lookup.js';

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
    const rows = await this.db.read.selectFrom('agents').select('id').where('key_digest', '=', digest).execute();
    return rows.map(({ id }) => id as AgentId);
  }
}
