import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { ERROR_CATALOGUE, type ErrorCode } from '@scriptmesh/contracts';
import { ProblemDto } from '@scriptmesh/contracts/dto';

/** Every route may answer with these, whatever it does. */
const EVERYWHERE: readonly ErrorCode[] = ['auth/unauthorized', 'auth/rate-limited', 'internal/unexpected'];

/** Documents the problems that a route may answer with, one response for each status, with an example. */
export function ApiProblems(...codes: readonly ErrorCode[]): MethodDecorator & ClassDecorator {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...codes, ...EVERYWHERE]) {
    const { status } = ERROR_CATALOGUE[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const responses = [...byStatus].map(([status, list]) =>
    ApiResponse({
      status,
      description: list.map((code) => `\`${code}\`: ${ERROR_CATALOGUE[code].title}`).join('; '),
      content: {
        'application/problem+json': {
          schema: { $ref: getSchemaPath(ProblemDto) },
          example: exampleOf(list[0] as ErrorCode),
        },
      },
    }),
  );
  return applyDecorators(ApiExtraModels(ProblemDto), ...responses);
}

function exampleOf(code: ErrorCode): object {
  const { status, title, hint } = ERROR_CATALOGUE[code];
  const requestId = '019b7600-0000-7000-8000-000000000001';
  return {
    type: `https://scriptmesh.dev/errors/${code}`,
    title,
    status,
    detail: title,
    code,
    hint,
    requestId,
    errors: [],
  };
}
