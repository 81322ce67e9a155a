export { LegacyAgentCalls, type LegacyAnswer, type StartedCall } from './legacy-agent-calls.js';
export { LegacyCallsModule } from './legacy-calls.module.js';
export { isRecord, parseBody, reasonOf } from './read-answer.js';
