import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACCESS_LEVEL, type AccessLevel, type Principal, type RequestWithPrincipal } from '@scriptmesh/auth';
import { MeshError, type AgentId } from '@scriptmesh/contracts';
import { Database } from '@scriptmesh/database';
import type { Request } from 'express';
import { AuditLog } from '../audit/index.js';
import { refuseKey } from './principal-finder.js';

/** Compares who calls with who may. Deny by default: a route that says nothing is for operators. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly db: Database,
    private readonly audit: AuditLog,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const level = this.reflector.getAllAndOverride<AccessLevel | undefined>(ACCESS_LEVEL, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (level === 'open') return true;
    const request = context.switchToHttp().getRequest<Request & RequestWithPrincipal>();
    const { principal } = request;
    if (!principal) throw refuseKey();
    const refusal = findRefusal(level ?? 'operator', principal, request.params['agentId'] as string | undefined);
    if (refusal) await this.#refuse(principal, request, refusal);
    return true;
  }

  async #refuse(principal: Principal, request: Request, refusal: string): Promise<never> {
    const detail = { method: request.method, route: request.route?.path ?? request.path };
    const entry = {
      principal: principal.id,
      action: 'access.refused',
      subjectKind: 'access',
      subject: principal.id,
      detail,
    } as const;
    await this.db.write((trx) => this.audit.append(trx, [entry]));
    throw new MeshError('auth/forbidden', refusal);
  }
}

function findRefusal(level: AccessLevel, principal: Principal, agentId: string | undefined): string | undefined {
  if (principal.kind === 'operator')
    return level === 'agent' ? 'this route is for agents with their own key' : undefined;
  if (level === 'registrant') return undefined;
  if (level !== 'agent') return "this route is for operators; the key is an agent's";
  return principal.agentIds.includes(agentId as AgentId) ? undefined : 'the key belongs to another agent';
}
