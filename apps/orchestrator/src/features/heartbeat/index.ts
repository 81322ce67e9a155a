export { AgentLiveness } from './agent-liveness.js';
export { HeartbeatModule } from './heartbeat.module.js';
export { SweepNews } from './sweep-news.js';
