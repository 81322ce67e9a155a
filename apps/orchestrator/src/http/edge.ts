/** The HTTP edge in the order in which a request meets it. Nothing of a body is read before the key was looked at. */
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from '@scriptmesh/logging';
import { Clock, Ids } from '@scriptmesh/runtime';
import { KeyCheckMiddleware } from '../features/access/index.js';
import { readBody } from './read-body.middleware.js';
import { requestContext } from './request-context.middleware.js';
import { securityHeaders } from './security-headers.js';
import { describeApi, serveSwagger } from './swagger.js';
import { refuseOrigins, serveUpgrades } from './upgrades.js';

export function putEdgeOn(app: NestExpressApplication): void {
  app.use(requestContext(app.get(Ids), app.get(Clock), app.get(Logger)));
  app.use(securityHeaders());
  app.use(refuseOrigins);
  app.use(app.get(KeyCheckMiddleware).use);
  app.use(readBody);
  serveSwagger(app, describeApi(app));
  serveUpgrades(app);
}
