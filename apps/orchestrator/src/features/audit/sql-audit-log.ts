import { Injectable } from '@nestjs/common';
import { Database, PreparedFamily, type AuditTable, type Writer } from '@scriptmesh/database';
import { currentLogContext } from '@scriptmesh/logging';
import { Clock } from '@scriptmesh/runtime';
import type { Selectable } from 'kysely';
import { AuditLog, type AuditEntry, type AuditRow, type AuditSubject } from './audit-log.js';

type NewRow = Omit<AuditTable, 'seq'>;

const COLUMNS = [
  'at',
  'principal',
  'action',
  'subject_kind',
  'subject',
  'detail',
  'request_id',
] as const satisfies readonly (keyof NewRow)[];
const MOST_ROWS_PREPARED = 8;

/** By the number of rows. */
const INSERT = new PreparedFamily((count: number, db, values: Readonly<Record<string, never>>) =>
  db
    .insertInto('audit')
    .values(
      Array.from(
        { length: count },
        (_, n) => Object.fromEntries(COLUMNS.map((column) => [column, values[`${column} ${n}`]])) as unknown as NewRow,
      ),
    ),
);

/** The audit as rows of one table; triggers refuse to change or delete them. */
@Injectable()
export class SqlAuditLog extends AuditLog {
  constructor(
    private readonly clock: Clock,
    private readonly db: Database,
  ) {
    super();
  }

  override async append(trx: Writer, entries: readonly AuditEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const { requestId } = currentLogContext();
    const rows = entries.map((entry): NewRow => ({
      at: this.clock.nowMs(),
      principal: entry.principal,
      action: entry.action,
      subject_kind: entry.subjectKind,
      subject: entry.subject,
      detail: JSON.stringify(entry.detail ?? {}),
      request_id: typeof requestId === 'string' ? requestId : null,
    }));
    if (rows.length > MOST_ROWS_PREPARED) await trx.insertInto('audit').values(rows).execute();
    else await INSERT.of(String(rows.length), rows.length).run(trx, valuesOf(rows));
  }

  override async list(limit: number, before: number | null): Promise<readonly AuditRow[]> {
    let query = this.db.read.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(limit);
    if (before !== null) query = query.where('seq', '<', before);
    return (await query.execute()).map(fromRow);
  }

  override async listOf(
    { subjectKind, subject }: AuditSubject,
    limit: number,
    after: number | null,
  ): Promise<readonly AuditRow[]> {
    let query = this.db.read
      .selectFrom('audit')
      .selectAll()
      .where('subject_kind', '=', subjectKind)
      .where('subject', '=', subject)
      .orderBy('seq')
      .limit(limit);
    if (after !== null) query = query.where('seq', '>', after);
    return (await query.execute()).map(fromRow);
  }
}

const fromRow = (row: Selectable<AuditTable>): AuditRow => ({
  seq: row.seq,
  atMs: row.at,
  principal: row.principal,
  action: row.action,
  subjectKind: row.subject_kind,
  subject: row.subject,
  detail: JSON.parse(row.detail) as Record<string, unknown>,
  requestId: row.request_id,
});

function valuesOf(rows: readonly NewRow[]): Record<string, never> {
  const values: Record<string, unknown> = {};
  for (const [n, row] of rows.entries()) for (const column of COLUMNS) values[`${column} ${n}`] = row[column];
  return values as Record<string, never>;
}
