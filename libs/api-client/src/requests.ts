import type { Liveness, RunState } from '@scriptmesh/contracts';

/** What `POST /api/v1/runs` takes. */
export interface RunRequest {
  /** Name or id. */
  readonly agent: string;
  readonly script: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly timeoutSeconds?: number;
  readonly deliverWithinSeconds?: number;
  /** How often it is tried again automatically. */
  readonly retries?: number;
}

/** What `POST /api/v1/runs/:id/cancel` takes, and how long to wait for the end. */
export interface CancelRequest {
  readonly why?: string;
  readonly waitSeconds?: number;
}

export interface ListRunsQuery {
  readonly state?: RunState;
  readonly agent?: string;
  readonly script?: string;
  /** Only runs that were asked for in place of this one. */
  readonly retryOf?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** What `GET /api/v1/status` answers: counts, not lists. */
export interface MeshStatus {
  readonly version: string;
  readonly startedAt: string;
  readonly agents: Readonly<Record<Liveness, number>>;
  readonly runs: Readonly<Partial<Record<RunState, number>>>;
}

/** A call that this client knows nothing about. */
export interface RawRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With the query; begins with one `/`. */
  readonly path: string;
  readonly body?: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** What `GET /api/v1/agents/:name/logs/:log` takes; times are ISO 8601 with their zone. */
export interface LogQuery {
  readonly tail?: number | undefined;
  readonly file?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}
