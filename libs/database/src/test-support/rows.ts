import type { Insertable } from 'kysely';
import type { AgentsTable, RunsTable } from '../schema.js';

/** A queued run, with all that the schema asks for. */
export const runRow = (id: string): Insertable<RunsTable> => ({
  id,
  agent_id: 'agent-1',
  agent_name: 'db-1',
  script: 'hello_world',
  params: '{}',
  state: 'queued',
  rev: 0,
  in_doubt: 0,
  started: 0,
  cancel_requested: 0,
  restored: 0,
  principal: 'main',
  origin: 'api',
  created_at: 1,
  deliver_by: 2,
  truncated: 0,
  stdout_bytes: 0,
  stderr_bytes: 0,
  dropped_bytes: 0,
  offers: 0,
  retries: 0,
  attempt: 1,
});

/** An agent that has registered and nothing more. */
export const agentRow = (name: string): Insertable<AgentsTable> => ({
  id: `id of ${name}`,
  name,
  folded_name: name.toLowerCase(),
  transport: 'http',
  key_token: 'token',
  key_digest: 'digest',
  labels: '{}',
  facts: '{}',
  epoch: 0,
  count_seen: 0,
  registered_at: 1,
});
