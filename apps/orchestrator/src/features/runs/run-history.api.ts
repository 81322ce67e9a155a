import { Injectable } from '@nestjs/common';
import { isFinalState, MeshError, RUN_STATES, type Executed, type RunState } from '@scriptmesh/contracts';
import {
  decodeCursor,
  encodeCursor,
  type ExplanationDto,
  type PageQueryDto,
  type RunEventDto,
  type RunEventPageDto,
} from '@scriptmesh/contracts/dto';
import type { AuditRow } from '../audit/index.js';
import { explainRun } from './domain/explain-run.js';
import type { Run } from './domain/run.js';
import { causeOfRow, isBirth, RunHistory } from './run-history.js';
import { toRunDto } from './runs.mapper.js';

/** The history of a run in the words of the API. */
@Injectable()
export class RunHistoryApi {
  constructor(private readonly history: RunHistory) {}

  /** Oldest first. */
  async list(id: string, { limit, cursor }: PageQueryDto): Promise<RunEventPageDto> {
    const after = cursor === undefined ? null : Number(decodeCursor(cursor));
    if (after !== null && !Number.isSafeInteger(after))
      throw new MeshError('request/malformed', 'the cursor is not one of this list');
    const { run, rows } = await this.history.list(id, limit + 1, after);
    const items = rows.slice(0, limit).map((row) => toEventDto(row, run));
    return { items, next: rows.length > limit ? encodeCursor(String(items.at(-1)?.seq)) : null };
  }

  async explain(id: string): Promise<ExplanationDto> {
    const facts = await this.history.getFacts(id);
    const { run, cause } = facts;
    return { run: run.id, state: run.state, executed: run.executed, cause, ...explainRun(facts) };
  }
}

function toEventDto(row: AuditRow, run: Run): RunEventDto {
  const to = isBirth(row) ? 'queued' : stateOf(row.detail['to']);
  return {
    seq: row.seq,
    at: new Date(row.atMs).toISOString(),
    event: row.action.replace(/^run\./, ''),
    from: stateOf(row.detail['from']),
    to,
    cause: causeOfRow(row),
    principal: row.principal,
    executed: (row.detail['executed'] ?? null) as Executed | null,
    reason: to !== null && isFinalState(to) ? toRunDto(run).reason : null,
    requestId: row.requestId,
  };
}

const stateOf = (value: unknown): RunState | null => RUN_STATES.find((state) => state === value) ?? null;
