export { DispatchModule } from './dispatch.module.js';
export { ReachedAgents } from './reached-agents.js';
