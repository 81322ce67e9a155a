export { AgentCredentials, type AgentCredential } from './agent-credentials.js';
export { AgentDirectory, type AgentRemovalListener } from './agent-directory.js';
export { AgentNotes, type AgentNote } from './agent-notes.js';
export type { Agent } from './domain/agent.js';
export { LivenessView } from './liveness-view.js';
export { RegistryModule } from './registry.module.js';
