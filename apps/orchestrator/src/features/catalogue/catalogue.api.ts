import { Injectable } from '@nestjs/common';
import { MeshError } from '@scriptmesh/contracts';
import {
  decodeCursor,
  encodeCursor,
  type CatalogueScriptPageDto,
  type PageQueryDto,
  type ScriptPageDto,
} from '@scriptmesh/contracts/dto';
import { AgentDirectory } from '../registry/index.js';
import { ScriptCatalogue } from './script-catalogue.js';

/** The catalogue in the words of the API. */
@Injectable()
export class CatalogueApi {
  constructor(
    private readonly catalogue: ScriptCatalogue,
    private readonly agents: AgentDirectory,
  ) {}

  async listOfAgent(nameOrId: string, query: PageQueryDto): Promise<ScriptPageDto> {
    const { scripts, faults } = await this.catalogue.getReport(await this.agents.getAgent(nameOrId));
    return { ...pageOf(scripts, query), manifestFaults: faults };
  }

  async list(query: PageQueryDto): Promise<CatalogueScriptPageDto> {
    return pageOf(await this.catalogue.listAll(), query);
  }
}

/** The cursor is a position: names may come and go between two pages, and a page must never begin at the start again. */
function pageOf<T>(all: readonly T[], { limit, cursor }: PageQueryDto): { items: T[]; next: string | null } {
  const from = cursor === undefined ? 0 : readPosition(cursor);
  const until = from + limit;
  return { items: all.slice(from, until), next: all.length > until ? encodeCursor(String(until)) : null };
}

function readPosition(cursor: string): number {
  const text = decodeCursor(cursor);
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new MeshError('request/malformed', 'the cursor is not one of this list');
}
