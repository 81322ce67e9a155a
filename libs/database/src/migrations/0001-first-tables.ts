import { sql, type Kysely } from 'kysely';
import type { SchemaDialect } from '../dialects/schema-dialect.js';
import type { Migration } from './migration.js';

// Spelled out and not taken from the contracts: a migration must do the same for ever.
const LIVE = `('queued', 'dispatched', 'running')`;

export const firstTables: Migration = {
  number: 1,
  name: 'first tables',
  async up(db, dialect) {
    await createMeta(db, dialect);
    await createAgents(db, dialect);
    await createRuns(db, dialect);
    await createRunOutput(db, dialect);
    await createAudit(db, dialect);
    await dialect.createStoreSeq(db);
  },
};

async function createMeta(db: Kysely<unknown>, { text, endTable }: SchemaDialect): Promise<void> {
  await endTable(
    db.schema
      .createTable('meta')
      .addColumn('key', text, (c) => c.primaryKey().notNull())
      .addColumn('value', text, (c) => c.notNull()),
  ).execute();
}

async function createAgents(db: Kysely<unknown>, { text, integer, endTable }: SchemaDialect): Promise<void> {
  await endTable(
    db.schema
      .createTable('agents')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('name', text, (c) => c.notNull().unique())
      .addColumn('folded_name', text, (c) => c.notNull().unique())
      .addColumn('url', text)
      .addColumn('transport', text, (c) => c.notNull())
      .addColumn('key_token', text, (c) => c.notNull())
      .addColumn('key_digest', text, (c) => c.notNull())
      .addColumn('labels', text, (c) => c.notNull())
      .addColumn('facts', text, (c) => c.notNull())
      .addColumn('journal_id', text)
      .addColumn('epoch', integer, (c) => c.notNull())
      .addColumn('count_seen', integer, (c) => c.notNull())
      .addColumn('manifest_sha', text)
      .addColumn('manifest', text)
      .addColumn('free_slots', integer)
      .addColumn('registered_at', integer, (c) => c.notNull())
      .addColumn('last_seen_at', integer),
  ).execute();
  await db.schema.createIndex('agents_by_key_digest').on('agents').column('key_digest').execute();
  await endTable(
    db.schema
      .createTable('retired_journals')
      .addColumn('agent_id', text, (c) => c.notNull().references('agents.id').onDelete('cascade'))
      .addColumn('journal_id', text, (c) => c.notNull())
      .addPrimaryKeyConstraint('retired_journals_pkey', ['agent_id', 'journal_id']),
  ).execute();
}

async function createRuns(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void> {
  const { text, integer, endTable } = dialect;
  // No reference to agents: a run outlives the agent's removal.
  await endTable(
    db.schema
      .createTable('runs')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('agent_id', text, (c) => c.notNull())
      .addColumn('agent_name', text, (c) => c.notNull())
      .addColumn('script', text, (c) => c.notNull())
      .addColumn('params', text, (c) => c.notNull())
      .addColumn('state', text, (c) => c.notNull())
      .addColumn('executed', text)
      .addColumn('rev', integer, (c) => c.notNull())
      .addColumn('in_doubt', integer, (c) => c.notNull())
      .addColumn('journal_id', text)
      .addColumn('started', integer, (c) => c.notNull())
      .addColumn('cancel_requested', integer, (c) => c.notNull())
      .addColumn('restored', integer, (c) => c.notNull())
      .addColumn('principal', text, (c) => c.notNull())
      .addColumn('origin', text, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .addColumn('dispatched_at', integer)
      .addColumn('started_at', integer)
      .addColumn('finished_at', integer)
      .addColumn('deliver_by', integer, (c) => c.notNull())
      .addColumn('timeout_ms', integer)
      .addColumn('effective_timeout_ms', integer)
      .addColumn('script_sha', text)
      .addColumn('exit_code', integer)
      .addColumn('signal', text)
      .addColumn('killed_by', text)
      .addColumn('reason_code', text)
      .addColumn('reason', text)
      .addColumn('truncated', integer, (c) => c.notNull())
      .addColumn('stdout_bytes', integer, (c) => c.notNull())
      .addColumn('stderr_bytes', integer, (c) => c.notNull())
      .addColumn('dropped_bytes', integer, (c) => c.notNull())
      .addColumn('offers', integer, (c) => c.notNull())
      .addColumn('next_offer_at', integer)
      .addColumn('late_result', text)
      .addColumn('retry_of', text),
  ).execute();
  await indexRuns(db);
  await dialect.freezeColumns(db, {
    table: 'runs',
    columns: ['state', 'executed', 'exit_code'],
    when: `old.state not in ${LIVE}`,
    message: 'a run that has ended does not change; later evidence goes to late_result',
  });
}

async function indexRuns(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex('runs_by_agent').on('runs').columns(['agent_id', 'state', 'id']).execute();
  await db.schema.createIndex('runs_newest_first').on('runs').columns(['created_at desc', 'id desc']).execute();
  await db.schema
    .createIndex('runs_live')
    .on('runs')
    .columns(['agent_id', 'state', 'next_offer_at'])
    .where(sql.raw<boolean>(`state in ${LIVE}`))
    .execute();
}

async function createRunOutput(db: Kysely<unknown>, { text, integer, bytes, endTable }: SchemaDialect): Promise<void> {
  await endTable(
    db.schema
      .createTable('run_output')
      .addColumn('run_id', text, (c) => c.notNull().references('runs.id').onDelete('cascade'))
      .addColumn('stream', text, (c) => c.notNull())
      .addColumn('start_offset', integer, (c) => c.notNull())
      .addColumn('bytes', bytes, (c) => c.notNull())
      .addPrimaryKeyConstraint('run_output_pkey', ['run_id', 'stream', 'start_offset']),
  ).execute();
}

async function createAudit(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void> {
  const { text, integer, endTable } = dialect;
  await endTable(
    db.schema
      .createTable('audit')
      .addColumn('seq', dialect.identityType, (c) => dialect.identity(c))
      .addColumn('at', integer, (c) => c.notNull())
      .addColumn('principal', text, (c) => c.notNull())
      .addColumn('action', text, (c) => c.notNull())
      .addColumn('subject_kind', text, (c) => c.notNull())
      .addColumn('subject', text, (c) => c.notNull())
      .addColumn('detail', text, (c) => c.notNull())
      .addColumn('request_id', text),
  ).execute();
  await db.schema.createIndex('audit_by_subject').on('audit').columns(['subject_kind', 'subject', 'seq']).execute();
  await dialect.makeAppendOnly(db, 'audit');
}
