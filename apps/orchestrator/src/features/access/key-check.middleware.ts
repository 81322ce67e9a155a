import { Injectable } from '@nestjs/common';
import { readApiKey, readScrapeKey, type RequestWithPrincipal } from '@scriptmesh/auth';
import type { NextFunction, Request, Response } from 'express';
import { isOpenPath } from './open-paths.js';
import { PrincipalFinder } from './principal-finder.js';

/** Here alone a key may come as Prometheus sends it. */
const METRICS_PATH = '/metrics';

/** Looks at the key before anything else happens: no body is read and no route is told of before it. */
@Injectable()
export class KeyCheckMiddleware {
  constructor(private readonly finder: PrincipalFinder) {}

  readonly use = (request: Request & RequestWithPrincipal, _response: Response, next: NextFunction): void => {
    const [path = ''] = request.originalUrl.split('?', 1);
    if (isOpenPath(path) && (request.method === 'GET' || request.method === 'HEAD')) {
      next();
      return;
    }
    this.#check(request, path).then(
      () => next(),
      (error: unknown) => next(error),
    );
  };

  async #check(request: Request & RequestWithPrincipal, path: string): Promise<void> {
    const key = path === METRICS_PATH ? readScrapeKey(request) : readApiKey(request);
    request.principal = await this.finder.getPrincipal(key, request.ip ?? 'unknown');
  }
}
