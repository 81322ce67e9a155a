import type { Generated } from 'kysely';

/**
 * All tables as rows. Times are milliseconds since 1970 (orchestrator time), flags are 0 or 1, JSON stands as text,
 * so that the same queries run on SQLite and PostgreSQL. Rows stay inside adapters; `fromRow` makes domain objects.
 */
export interface Schema {
  meta: MetaTable;
  agents: AgentsTable;
  retired_journals: RetiredJournalsTable;
  runs: RunsTable;
  run_output: RunOutputTable;
  audit: AuditTable;
  idempotency_keys: IdempotencyKeysTable;
}

export interface MetaTable {
  /**
   * `installation_id`, `fernet_fingerprint`, `store_seq` (text of an integer), `runs_pruned_through` (the highest run id
   * that retention removed), `silence_counts_from` (orchestrator time of the last restore).
   */
  key: string;
  value: string;
}

export interface AgentsTable {
  id: string;
  name: string;
  /** The name in lower case, unique: keeps case twins out. */
  folded_name: string;
  url: string | null;
  transport: string;
  /** Fernet token of the key with the agent id bound inside. */
  key_token: string;
  /** HMAC of the key under a key derived from the Fernet key: finds agents by key without decrypting all. */
  key_digest: string;
  labels: string;
  facts: string;
  journal_id: string | null;
  epoch: number;
  count_seen: number;
  manifest_sha: string | null;
  /** A ManifestReport as JSON. */
  manifest: string | null;
  free_slots: number | null;
  registered_at: number;
  last_seen_at: number | null;
}

export interface RetiredJournalsTable {
  agent_id: string;
  journal_id: string;
}

export interface RunsTable {
  id: string;
  agent_id: string;
  /** As it was when the run was asked for, so that it can be shown after the agent's removal. */
  agent_name: string;
  script: string;
  params: string;
  state: string;
  executed: string | null;
  rev: number;
  /** Sends that may have reached the agent. */
  in_doubt: number;
  journal_id: string | null;
  /** A start is on record. */
  started: number;
  cancel_requested: number;
  /** What whoever cancelled it said. */
  cancel_why: string | null;
  restored: number;
  principal: string;
  origin: string;
  created_at: number;
  dispatched_at: number | null;
  started_at: number | null;
  finished_at: number | null;
  deliver_by: number;
  /** What the request asked for; null leaves it to the node. */
  timeout_ms: number | null;
  /** What the agent said in `accepted`. */
  effective_timeout_ms: number | null;
  script_sha: string | null;
  exit_code: number | null;
  signal: string | null;
  killed_by: string | null;
  reason_code: string | null;
  reason: string | null;
  truncated: number;
  /** Acknowledged bytes of each stream: the next offset. */
  stdout_bytes: number;
  stderr_bytes: number;
  dropped_bytes: number;
  offers: number;
  /** When an unanswered offer may be repeated. */
  next_offer_at: number | null;
  /** Evidence that came after the final state, as JSON. */
  late_result: string | null;
  retry_of: string | null;
  /** How often it may be tried again automatically. */
  retries: number;
  /** 1 for a run that was asked for. */
  attempt: number;
  /** A queued run is not offered before. */
  not_before: number | null;
  /** The automatic run after this one. */
  retried_by: string | null;
  /** Where the tails of its streams are, as JSON; their bytes stand in `run_output` at these offsets. */
  tails: string | null;
  /** When retention removed the output. */
  output_pruned_at: number | null;
  /** The W3C trace context that the run's agent gets. */
  traceparent: string | null;
}

export interface RunOutputTable {
  run_id: string;
  stream: string;
  /** Position of the first byte in its stream. */
  start_offset: number;
  bytes: Uint8Array;
}

export interface AuditTable {
  seq: Generated<number>;
  at: number;
  principal: string;
  /** As in `run.transition`, `agent.registered`, `agent.key-conflict`. */
  action: string;
  /** `run`, `agent` or `access`. */
  subject_kind: string;
  subject: string;
  /** Facts as JSON; never a secret or a parameter value. */
  detail: string;
  request_id: string | null;
}

export interface IdempotencyKeysTable {
  principal: string;
  /** As the caller sent it. */
  key: string;
  /** SHA-256 of what was asked for, in hex. */
  request_sha: string;
  run_id: string;
  created_at: number;
}
