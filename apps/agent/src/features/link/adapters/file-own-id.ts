import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAgentId, type AgentId } from '@scriptmesh/contracts';
import { replaceFile, type SpoolDisk } from '../../journal/index.js';
import { OwnId } from '../own-id.js';

const FILE = 'agent-id';

/** The id in a file of the spool. One that cannot be read is as good as none: the next registration tells it again. */
export class FileOwnId extends OwnId {
  #agentId: AgentId | null;

  constructor(
    private readonly spool: string,
    private readonly disk: SpoolDisk,
  ) {
    super();
    this.#agentId = readId(join(spool, FILE));
  }

  override get agentId(): AgentId | null {
    return this.#agentId;
  }

  override async keep(agentId: AgentId): Promise<void> {
    if (agentId === this.#agentId) return;
    this.#agentId = agentId;
    await replaceFile(this.disk, this.spool, FILE, agentId);
  }
}

function readId(path: string): AgentId | null {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return isAgentId(text) ? text : null;
  } catch {
    return null;
  }
}
