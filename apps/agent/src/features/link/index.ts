export { LinkModule } from './link.module.js';
export { openDoor } from './door/open-door.js';
export { OrchestratorMail } from './orchestrator-mail.js';
export { OrchestratorTime } from './orchestrator-time.js';
export { say, type Outgoing } from './outgoing.js';
export { OwnId } from './own-id.js';
export { WelcomeGate } from './welcome-gate.js';
