import type { AddressInfo } from 'node:net';
import type { Type } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import type { OrchestratorSettings } from '@scriptmesh/config';
import type { Database } from '@scriptmesh/database';
import { EdgeAdapter, type Patience } from '../http/edge-adapter.js';
import { putEdgeOn } from '../http/edge.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { StrictValidationPipe } from '../http/strict-validation.pipe.js';
import { surroundingsOn, TEST_MAIN_KEY, type Surroundings } from './surroundings.js';

export interface EdgeApp extends Surroundings {
  readonly app: NestExpressApplication;
  /** As in `http://127.0.0.1:40123`. */
  readonly url: string;
  /** With the main key; another key or none may be given in `headers`. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** Features behind the real HTTP edge on a free port. AccessModule has to be among them. Close `app` after the test. */
export async function startEdgeApp(
  db: Database,
  features: readonly Type[],
  overrides: Partial<OrchestratorSettings> = {},
  patience?: Patience,
): Promise<EdgeApp> {
  const around = surroundingsOn(db, overrides);
  const nest = await Test.createTestingModule({
    imports: [around.module, ...features],
    providers: [
      { provide: APP_FILTER, useClass: ProblemFilter },
      { provide: APP_PIPE, useClass: StrictValidationPipe },
    ],
  }).compile();
  const app = nest.createNestApplication<NestExpressApplication>(new EdgeAdapter(around.settings, patience), {
    bodyParser: false,
    logger: false,
  });
  putEdgeOn(app);
  await app.listen(0, '127.0.0.1');
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  return { ...around, app, url, call: (method, path, body, headers) => call(url + path, method, body, headers) };
}

function call(url: string, method: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method,
    headers: {
      'x-api-key': TEST_MAIN_KEY,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}
