export { AgentCredentials, type AgentCredential } from './agent-credentials.js';
export { AgentDirectory, type AgentRemovalListener } from './agent-directory.js';
export { AgentNotes, type AgentNote, type CheckResult } from './agent-notes.js';
export type { Agent } from './domain/agent.js';
export { LivenessView } from './liveness-view.js';
export { Registrations } from './registrations.js';
export { RegistryModule } from './registry.module.js';
