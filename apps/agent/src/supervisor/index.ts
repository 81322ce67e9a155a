export type { EventLog } from './event-log.js';
export { closeInheritedDescriptors } from './inherited-descriptors.js';
export { readLines } from './line-reader.js';
export { PlainPipes } from './plain-pipes.js';
export {
  EXIT_TAKEN,
  PROTOCOL,
  READY,
  SOCKET_NAME,
  toLine,
  type FromSupervisor,
  type SupervisorRecord,
  type ToSupervisor,
} from './protocol.js';
export { fileVersion } from './file-version.js';
export { RunHost } from './run-host.js';
export { writeEndRecord } from './end-record-file.js';
