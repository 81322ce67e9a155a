import { Injectable } from '@nestjs/common';
import type { Principal } from '@scriptmesh/auth';
import {
  decodeCursor,
  encodeCursor,
  type AgentDto,
  type AgentPageDto,
  type LabelAgentDto,
  type PageQueryDto,
  type RegisterAgentDto,
} from '@scriptmesh/contracts/dto';
import type { Response } from 'express';
import { LivenessView } from './liveness-view.js';
import { RegistrationRules } from './registration-rules.js';
import { RegistrationService } from './registration.service.js';
import { RegistryService } from './registry.service.js';
import { toAgentDto } from './registry.mapper.js';

/** The registry in the words of the API: DTOs in, DTOs out. */
@Injectable()
export class RegistryApi {
  constructor(
    private readonly registry: RegistryService,
    private readonly registrations: RegistrationService,
    private readonly rules: RegistrationRules,
    private readonly liveness: LivenessView,
  ) {}

  async register(body: RegisterAgentDto, by: Principal, response: Response): Promise<AgentDto> {
    const { agentId, created } = await this.registrations.register(this.rules.check(body), by);
    response.status(created ? 201 : 200).location(`/api/v1/agents/${agentId}`);
    return this.show(agentId);
  }

  async list({ limit, cursor }: PageQueryDto): Promise<AgentPageDto> {
    const agents = await this.registry.listPage(limit + 1, cursor === undefined ? null : decodeCursor(cursor));
    const items = agents.slice(0, limit).map((agent) => toAgentDto(agent, this.liveness.livenessOf(agent)));
    return { items, next: agents.length > limit ? encodeCursor(items.at(-1)?.name ?? '') : null };
  }

  async show(nameOrId: string): Promise<AgentDto> {
    const agent = await this.registry.getAgent(nameOrId);
    return toAgentDto(agent, this.liveness.livenessOf(agent));
  }

  async label(nameOrId: string, body: LabelAgentDto, by: Principal): Promise<AgentDto> {
    const agent = await this.registry.changeLabels(nameOrId, body.labels, by);
    return toAgentDto(agent, this.liveness.livenessOf(agent));
  }

  remove(nameOrId: string, by: Principal): Promise<void> {
    return this.registry.remove(nameOrId, by);
  }
}
