import { HttpException } from '@nestjs/common';
import { isMeshError, MeshError } from '@scriptmesh/contracts';
import type { Request } from 'express';

/** Makes one MeshError of whatever was thrown. */
export function toMeshError(thrown: unknown, request: Request, methods: readonly string[]): MeshError {
  if (isMeshError(thrown)) return thrown;
  if (thrown instanceof HttpException) return fromHttpException(thrown, request, methods);
  if (thrown instanceof URIError)
    return new MeshError('request/malformed', 'the path holds an escape that is none', { cause: thrown });
  return new MeshError(
    'internal/unexpected',
    'something went wrong that was not foreseen; nothing more is known here',
    { cause: thrown },
  );
}

function fromHttpException(thrown: HttpException, request: Request, methods: readonly string[]): MeshError {
  const { cause } = thrown;
  if (isMeshError(cause)) return cause;
  const status = thrown.getStatus();
  if (status === 404 && methods.length > 0) {
    return new MeshError(
      'route/method-not-allowed',
      `${request.method} is not among the methods of this route: ${methods.join(', ')}`,
    );
  }
  if (status === 404) return new MeshError('route/not-found', 'there is no such route');
  if (status >= 400 && status < 500)
    return new MeshError('request/malformed', 'the request cannot be read', { cause: thrown });
  return new MeshError(
    'internal/unexpected',
    'something went wrong that was not foreseen; nothing more is known here',
    { cause: thrown },
  );
}
