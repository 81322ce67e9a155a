/** Fernet tokens for secrets at rest, frame MACs for messages on the way, receipts for runs. */
export { AgentKeyDigester } from './agent-key-digester.js';
export { Fernet, fernetFingerprint, isFernetKey, makeFernetKey } from './fernet.js';
export { FrameSealer, type Frame } from './frame.js';
export { openingOf, ReceiptMaker } from './receipt.js';
export { SecretBox } from './secret-box.js';
