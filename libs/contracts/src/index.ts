/**
 * The language of ScriptMesh: ids, states, messages, resources and error codes. It imports no other library.
 * The DTO classes of the HTTP API stand behind a second door, `@scriptmesh/contracts/dto`, because they bring
 * class-validator and swagger with them, which only the orchestrator should pay for.
 */
export {
  agentPrincipal,
  isAgentId,
  isJournalId,
  isRunId,
  MAIN_PRINCIPAL,
  SYSTEM_PRINCIPAL,
  type AgentId,
  type JournalId,
  type PrincipalId,
  type RunId,
} from './ids.js';
export {
  EXECUTED,
  isFinalState,
  KILL_REASONS,
  LIVE_STATES,
  LIVENESS,
  ORIGINS,
  RUN_STATES,
  STREAMS,
  type Executed,
  type FinalState,
  type KillReason,
  type LiveState,
  type Liveness,
  type Origin,
  type RunState,
  type Stream,
} from './run-states.js';
export {
  AGENT_LOSS_CAUSES,
  isLossCause,
  isRunCause,
  LOSS_CAUSES,
  RUN_CAUSES,
  type AgentLossCause,
  type LossCause,
  type RunCause,
} from './run-causes.js';
export { toLegacyFailure, toLegacySuccess, toReturnCode } from './legacy/failure.js';
export { isLegacyReply, LEGACY_NO_JSON, readLegacyFields, readLegacyQuery } from './legacy/fields.js';
export { isLegacyJson } from './legacy/json-type.js';
export { legacyDetail, legacyEntries, legacyReply, type LegacyReply } from './legacy/reply.js';
export { toLegacyText } from './legacy/text.js';
export { toNaiveTime, toZonedTime } from './legacy/times.js';
export { foldName, isName, LEGACY_TRANSPORT, NAME_RULE } from './names.js';
export { ERROR_CATALOGUE, isErrorCode, type ErrorCode } from './error-catalogue.js';
export { isMeshError, MeshError, type FieldFault, type MeshErrorOptions } from './mesh-error.js';
export { toProblem, type Problem } from './problem.js';
export {
  FILE_KINDS,
  type AgentResource,
  type CatalogueScriptResource,
  type ExplanationResource,
  type FileKind,
  type FileResource,
  type Page,
  type RunEventResource,
  type RunResource,
  type ScriptResource,
} from './resources.js';
export {
  MESSAGE_VERSION,
  OUTPUT_TAIL_BYTES,
  type AgentEnvelope,
  type AskedWhile,
  type FromAgent,
  type FromAgentHeader,
  type FromAgentKind,
  type ManifestReport,
  type Of,
  type OrchestratorEnvelope,
  type OutputTail,
  type PerStream,
  type SignOfLife,
  type ToAgent,
  type ToAgentHeader,
  type ToAgentKind,
} from './messages/messages.js';
export type { LogAsk, LogFileResource, LogPart, LogPartHead, LogReport, LogResource } from './logs.js';
export { LOG_PART_BYTES, LOG_TAIL_LINES } from './logs.js';
export { parseFromAgent, parseToAgent } from './messages/parse-message.js';
export { isTraceparent } from './traceparent.js';
