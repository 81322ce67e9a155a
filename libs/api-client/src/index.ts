/**
 * A typed client of the orchestrator's API: requests, answers, live output, and errors as MeshError.
 * It does not decide what an error means for its caller (exit codes, retries of a request): the controller does.
 */
export { ApiClient } from './api-client.js';
export { isApiPath } from './api-path.js';
export type { LogQuery, MeshStatus, RawRequest, RunRequest } from './requests.js';
export type { AskedBytes } from './read-file.js';
export type { LogEvent } from './follow/log-event.js';
export type { OutputEvent } from './follow/output-event.js';
