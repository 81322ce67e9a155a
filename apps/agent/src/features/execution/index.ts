export { ExecutionModule } from './execution.module.js';
export { AcceptedRuns } from './accepted-runs.js';
export { sayEnd } from './answers/say-end.js';
export { answerOfRecord } from './domain/record-answer.js';
export { LocalRuns, type LocalEnd } from './local/local-runs.js';
export { Slots } from './domain/slots.js';
export { ScriptStarter } from './starter/script-starter.js';
export { BUILT_SUPERVISOR, SupervisorProgram } from './starter/supervisor-program.js';
