/** Why a run is lost, each by another rule of docs/specs/run-protocol.md. The first ones are the agent's own words. */
export const AGENT_LOSS_CAUSES = [
  'node-restarted',
  'supervisor-ended',
  'spool-removed',
  'agent-ended',
  'before-start',
  'record-unreadable',
] as const;
export type AgentLossCause = (typeof AGENT_LOSS_CAUSES)[number];

export const LOSS_CAUSES = [
  ...AGENT_LOSS_CAUSES,
  // The agent says lost, in words only.
  'agent-said',
  'no-record',
  'below-floor',
  'contradiction',
  'other-journal',
  'silence',
  'agent-removed',
  'legacy-unclear',
  'legacy-orphaned',
  'restored',
] as const;
export type LossCause = (typeof LOSS_CAUSES)[number];

/**
 * What moved a run from one state to the next: a decision of the orchestrator, the message of an agent, or the cause of
 * a loss. When adding one: say what it means in `features/runs/domain/explain-*.ts`.
 */
export const RUN_CAUSES = [
  'asked',
  'sent',
  'not-sent',
  'deliver-by',
  'cancel',
  'accepted',
  'chunk',
  'result',
  'refused',
  'never',
  'absent',
  'spawnFailed',
  'legacy-answer',
  ...LOSS_CAUSES,
] as const;
export type RunCause = (typeof RUN_CAUSES)[number];

export const isRunCause = (value: unknown): value is RunCause => (RUN_CAUSES as readonly unknown[]).includes(value);
export const isLossCause = (value: unknown): value is LossCause => (LOSS_CAUSES as readonly unknown[]).includes(value);
