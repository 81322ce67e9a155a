import { Injectable } from '@nestjs/common';
import { readApiKey, type RequestWithPrincipal } from '@scriptmesh/auth';
import type { NextFunction, Request, Response } from 'express';
import { isOpenPath } from './open-paths.js';
import { PrincipalFinder } from './principal-finder.js';

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
    this.#check(request).then(
      () => next(),
      (error: unknown) => next(error),
    );
  };

  async #check(request: Request & RequestWithPrincipal): Promise<void> {
    request.principal = await this.finder.getPrincipal(readApiKey(request), request.ip ?? 'unknown');
  }
}
