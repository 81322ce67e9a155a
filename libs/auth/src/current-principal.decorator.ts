import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Principal } from './principal.js';

/** A request after the guard: it carries who makes it. */
export interface RequestWithPrincipal {
  principal?: Principal;
}

/** The principal that the guard found; only on routes that are not open. */
export const CurrentPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<RequestWithPrincipal>();
  if (!principal) throw new Error('a route asks for the principal although no guard has set one');
  return principal;
});
