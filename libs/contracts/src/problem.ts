import type { FieldFault, MeshError } from './mesh-error.js';

/** The body of every error under /api/v1 (RFC 9457), sent as application/problem+json. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly hint: string;
  readonly requestId: string;
  readonly errors: readonly FieldFault[];
}

export function toProblem(error: MeshError, requestId: string): Problem {
  return {
    type: `https://scriptmesh.dev/errors/${error.code}`,
    title: error.title,
    status: error.status,
    detail: error.detail,
    code: error.code,
    hint: error.hint,
    requestId,
    errors: error.faults,
  };
}
