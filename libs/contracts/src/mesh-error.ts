import { ERROR_CATALOGUE, type ErrorCode } from './error-catalogue.js';

/** One fault of one field: `path` as in `params.host` or `scripts[2].path`, `message` in words for a person. */
export interface FieldFault {
  readonly path: string;
  readonly message: string;
}

export interface MeshErrorOptions {
  /** What a program may want to know; shown nowhere but in logs, so never a secret. */
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** What to do; the catalogue's hint when absent. */
  readonly hint?: string;
  readonly faults?: readonly FieldFault[];
  /** Seconds, for Retry-After. */
  readonly retryAfterSeconds?: number;
}

/** The one error class: a code of the catalogue and a detail that says what happened and why. */
export class MeshError extends Error {
  override readonly name = 'MeshError';
  readonly facts: Readonly<Record<string, unknown>>;
  readonly hint: string;
  readonly faults: readonly FieldFault[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    options: MeshErrorOptions = {},
  ) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.facts = options.facts ?? {};
    this.hint = options.hint ?? ERROR_CATALOGUE[code].hint;
    this.faults = options.faults ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return ERROR_CATALOGUE[this.code].status;
  }

  get title(): string {
    return ERROR_CATALOGUE[this.code].title;
  }
}

export const isMeshError = (error: unknown): error is MeshError => error instanceof MeshError;
