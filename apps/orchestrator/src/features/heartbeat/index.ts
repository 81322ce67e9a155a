export { AgentLiveness } from './agent-liveness.js';
export { HeartbeatModule } from './heartbeat.module.js';
