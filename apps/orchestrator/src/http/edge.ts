/** The HTTP edge in the order in which a request meets it. Nothing of a body is read before the key was looked at. */
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from '@scriptmesh/logging';
import { Metrics } from '@scriptmesh/metrics';
import { Clock, Ids } from '@scriptmesh/runtime';
import { Tracing } from '@scriptmesh/tracing';
import { KeyCheckMiddleware } from '../features/access/index.js';
import { readBody } from './read-body.middleware.js';
import { countRequests } from './count-requests.middleware.js';
import { requestContext } from './request-context.middleware.js';
import { traceRequests } from './request-trace.js';
import { securityHeaders } from './security-headers.js';
import { describeApi, serveSwagger } from './swagger.js';
import { refuseOrigins, serveUpgrades } from './upgrades.js';

export function putEdgeOn(app: NestExpressApplication): void {
  app.use(requestContext(app.get(Ids), app.get(Clock), app.get(Logger)));
  app.use(countRequests(app.get(Metrics), app.get(Clock)));
  app.use(traceRequests(app.get(Tracing)));
  app.use(securityHeaders());
  app.use(refuseOrigins);
  app.use(app.get(KeyCheckMiddleware).use);
  app.use(readBody);
  serveSwagger(app, describeApi(app));
  serveUpgrades(app);
}
