export { ExecutionModule } from './execution.module.js';
export { answerOfEnd } from './domain/record-answer.js';
export { LocalRuns, type LocalEnd } from './local/local-runs.js';
export { Slots } from './domain/slots.js';
export { closeInheritedDescriptors } from './starter/inherited-descriptors.js';
export { ScriptStarter } from './starter/script-starter.js';
