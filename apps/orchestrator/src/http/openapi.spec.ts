import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessModule } from '../features/access/index.js';
import { AuditModule } from '../features/audit/index.js';
import { CatalogueModule } from '../features/catalogue/index.js';
import { DispatchModule } from '../features/dispatch/index.js';
import { FilesModule } from '../features/files/index.js';
import { HealthModule } from '../features/health/index.js';
import { HeartbeatModule } from '../features/heartbeat/index.js';
import { LegacyModule } from '../features/legacy/index.js';
import { LinksModule } from '../features/links/index.js';
import { LogsModule } from '../features/logs/index.js';
import { RegistryModule } from '../features/registry/index.js';
import { RunsModule } from '../features/runs/index.js';
import { startEdgeApp, type EdgeApp } from '../test-support/edge-app.js';

const FEATURES = [
  AuditModule,
  AccessModule,
  RegistryModule,
  LinksModule,
  HeartbeatModule,
  CatalogueModule,
  RunsModule,
  DispatchModule,
  FilesModule,
  LegacyModule,
  LogsModule,
  HealthModule,
];

interface Schema {
  readonly properties?: Readonly<Record<string, { readonly example?: unknown }>>;
  readonly nullable?: boolean;
}
interface Operation {
  readonly summary?: string;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>>; readonly securitySchemes: unknown };
}

describe('the document of the API', () => {
  let db: Database;
  let edge: EdgeApp;
  let document: Document;
  beforeAll(async () => {
    db = await openTestDatabase();
    edge = await startEdgeApp(db, FEATURES);
    document = (await (await fetch(`${edge.url}/openapi.json`)).json()) as Document;
  });
  afterAll(async () => {
    await edge.app.close();
    await closeTestDatabase(db);
  });

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
    );

  it('is OpenAPI 3.1 and says how to authorise', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.components.securitySchemes).toMatchObject({
      key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
    });
    expect(JSON.stringify(document)).not.toContain('"nullable"');
  });

  it('has the routes that others rely on', () => {
    const names = operations().map(([name]) => name);
    for (const name of [
      'POST /api/v1/agents',
      'GET /api/v1/agents',
      'GET /api/v1/agents/{nameOrId}',
      'PATCH /api/v1/agents/{nameOrId}',
      'DELETE /api/v1/agents/{nameOrId}',
      'GET /api/v1/agents/{nameOrId}/scripts',
      'GET /api/v1/scripts',
      'GET /api/v1/agents/{nameOrId}/logs/{log}',
      'GET /api/v1/logs',
      'POST /api/v1/runs',
      'GET /api/v1/runs',
      'GET /api/v1/runs/{id}/events',
      'GET /api/v1/runs/{id}/explain',
      'GET /api/v1/audit',
      'GET /api/v1/status',
    ]) {
      expect(names).toContain(name);
    }
  });

  it('has an example for every field of every schema', () => {
    const without = Object.entries(document.components.schemas).flatMap(([name, schema]) =>
      Object.entries(schema.properties ?? {}).flatMap(([field, property]) =>
        'example' in property ? [] : [`${name}.${field}`],
      ),
    );
    expect(without).toEqual([]);
    expect(Object.keys(document.components.schemas).length).toBeGreaterThan(8);
  });

  it('says of every route what it is for and which problems it may answer with', () => {
    const incomplete = operations().flatMap(([name, { summary, responses }]) => {
      const problems = Object.values(responses).filter(
        ({ content }) => content && 'application/problem+json' in content,
      );
      return summary && problems.length > 0 ? [] : [name];
    });
    expect(incomplete).toEqual([]);
  });
});
