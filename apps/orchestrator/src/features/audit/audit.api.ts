import { Injectable } from '@nestjs/common';
import { MeshError } from '@scriptmesh/contracts';
import { decodeCursor, encodeCursor, type AuditPageDto, type PageQueryDto } from '@scriptmesh/contracts/dto';
import { AuditLog } from './audit-log.js';

/** The audit in the words of the API. */
@Injectable()
export class AuditApi {
  constructor(private readonly audit: AuditLog) {}

  async list({ limit, cursor }: PageQueryDto): Promise<AuditPageDto> {
    const before = cursor === undefined ? null : Number(decodeCursor(cursor));
    if (before !== null && !Number.isSafeInteger(before))
      throw new MeshError('request/malformed', 'the cursor is not one of this list');
    const rows = await this.audit.list(limit + 1, before);
    const items = rows.slice(0, limit).map(({ atMs, ...row }) => ({ ...row, at: new Date(atMs).toISOString() }));
    return { items, next: rows.length > limit ? encodeCursor(String(items.at(-1)?.seq)) : null };
  }
}
