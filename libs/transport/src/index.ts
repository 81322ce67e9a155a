/** How messages travel between orchestrator and agent: one port in two halves, one folder for each adapter. */
export {
  AgentLink,
  type AgentAddress,
  type AgentPlace,
  type AgentPresence,
  type FramesFromAgent,
  type Reach,
  type SendVerdict,
} from './agent-link.js';
export { CombinedAgentLink } from './combined-agent-link.js';
export { OrchestratorLink, type FramesFromOrchestrator, type OwnIdentity } from './orchestrator-link.js';
export {
  decodeFrames,
  encodeFrames,
  FRAME_LIST_LIMITS,
  FRAMES_CONTENT_TYPE,
  splitFrames,
  type FrameListLimits,
} from './frames/frame-list.js';
export { AddressPolicy, checkAgentUrl } from './http/dialled-address.js';
export { guardedConnector, type ResolveName } from './http/guarded-connector.js';
export { HttpAgentLink, type HttpAgentLinkOptions } from './http/http-agent-link.js';
export type { HttpLinkOptions } from './http/http-link-options.js';
export { HttpOrchestratorLink, type HttpOrchestratorLinkOptions } from './http/http-orchestrator-link.js';
export { MemoryAgentLink } from './memory/memory-agent-link.js';
export { MemoryMesh, type MemoryFault, type MemoryWay } from './memory/memory-mesh.js';
export { MemoryOrchestratorLink } from './memory/memory-orchestrator-link.js';
export {
  WebSocketAgentLink,
  type SocketUpgrade,
  type WebSocketAgentLinkOptions,
} from './websocket/websocket-agent-link.js';
export {
  WebSocketOrchestratorLink,
  type WebSocketOrchestratorLinkOptions,
} from './websocket/websocket-orchestrator-link.js';
export { MeteredAgentLink } from './metered/metered-agent-link.js';
export { MeteredOrchestratorLink } from './metered/metered-orchestrator-link.js';
