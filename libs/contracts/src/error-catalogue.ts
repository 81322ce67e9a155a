/** One line per error code: the HTTP status, a short title, and what to do when the thrower says nothing better. */
interface ErrorEntry {
  readonly status: number;
  readonly title: string;
  readonly hint: string;
}

/**
 * All codes of the system. A code is added only when a program must react to it differently.
 * When adding one: run `npm run generate` (docs/errors.md is made from this table).
 */
export const ERROR_CATALOGUE = {
  'request/malformed': {
    status: 400,
    title: 'Malformed request',
    hint: 'Compare the request with the examples at /docs.',
  },
  'request/invalid': { status: 422, title: 'Invalid request', hint: 'Mend the fields listed under "errors".' },
  'request/key-reused': {
    status: 422,
    title: 'Idempotency key of another request',
    hint: 'Send a new key with a new request, or the same request as before with this one.',
  },
  'request/too-large': { status: 413, title: 'Request too large', hint: 'Send a body of at most 1 MB.' },
  'request/unsupported-type': {
    status: 415,
    title: 'Unsupported media type',
    hint: 'Send JSON with "content-type: application/json".',
  },
  'request/too-many': {
    status: 429,
    title: 'Too many requests',
    hint: 'Wait for the seconds named in Retry-After and try again.',
  },
  'route/not-found': { status: 404, title: 'No such route', hint: 'The routes are listed at /docs.' },
  'route/method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    hint: 'The methods of each route are listed at /docs.',
  },
  'auth/unauthorized': { status: 401, title: 'Unauthorized', hint: 'Send a valid key in the header x-api-key.' },
  'auth/ambiguous-key': { status: 401, title: 'Ambiguous key', hint: 'Send exactly one x-api-key header.' },
  'auth/forbidden': { status: 403, title: 'Forbidden', hint: 'Use a key that is allowed to do this.' },
  'auth/rate-limited': {
    status: 429,
    title: 'Too many bad keys',
    hint: 'Check the key, then try again after the seconds named in Retry-After.',
  },
  'agent/not-found': { status: 404, title: 'No such agent', hint: 'List the agents: "scriptmesh agents list".' },
  'agent/name-taken': {
    status: 409,
    title: 'Agent name taken',
    hint: 'Choose another name, or remove the agent that has it: "scriptmesh agents remove NAME".',
  },
  'agent/url-refused': {
    status: 400,
    title: 'Agent address refused',
    hint: 'Give an http(s) address of the node itself, inside the allowed ranges.',
  },
  'agent/unreachable': {
    status: 503,
    title: 'Agent unreachable',
    hint: 'Check that the agent is running: "scriptmesh agents show NAME".',
  },
  'agent/busy': { status: 503, title: 'Agent busy', hint: 'The run waits until a slot is free.' },
  'agent/bad-answer': {
    status: 502,
    title: 'Unusable answer of the agent',
    hint: 'Check that the address belongs to a ScriptMesh agent of a fitting version.',
  },
  'agent/not-registered': {
    status: 503,
    title: 'Agent not registered yet',
    hint: 'Wait until the agent has registered with its orchestrator.',
  },
  'script/not-found': { status: 404, title: 'No such script', hint: 'List the scripts: "scriptmesh scripts list".' },
  'script/file-missing': {
    status: 404,
    title: 'Script file missing',
    hint: "Put the file back, or mend its path in the node's script_manifest.json.",
  },
  'script/not-runnable': {
    status: 422,
    title: 'Script cannot be started',
    hint: 'Check the interpreter and the permissions on the node: "scriptmesh agent check".',
  },
  'manifest/invalid': {
    status: 422,
    title: 'Invalid manifest',
    hint: 'Mend the named place: "scriptmesh agent check" shows it.',
  },
  'manifest/unsafe-path': {
    status: 422,
    title: 'Unsafe script path',
    hint: 'Use a path inside the scripts folder, without "..", links or absolute parts.',
  },
  'manifest/unsafe-permissions': {
    status: 422,
    title: 'Unsafe permissions',
    hint: 'Take write permission from group and others: chmod go-w.',
  },
  'manifest/hash-mismatch': {
    status: 409,
    title: 'Script changed',
    hint: 'Restore the file, or accept the new one in the manifest.',
  },
  'log/not-found': { status: 404, title: 'No such log', hint: 'List the logs: "scriptmesh agents logs AGENT".' },
  'log/unreadable': {
    status: 422,
    title: 'Log cannot be read',
    hint: "Mend the named file, or its entry in the node's cfg/log_manifest.json.",
  },
  'params/invalid': {
    status: 422,
    title: 'Invalid parameters',
    hint: 'Send the parameters that the manifest lists for this script.',
  },
  'run/not-found': { status: 404, title: 'No such run', hint: 'List the runs: "scriptmesh runs list".' },
  'run/stale': { status: 409, title: 'Run came too late', hint: 'Ask for the run again.' },
  'run/wrong-state': {
    status: 409,
    title: 'Run is in another state',
    hint: 'Look at the run: "scriptmesh runs show ID".',
  },
  'run/start-failed': {
    status: 500,
    title: 'Script could not be started',
    hint: 'See the reason; then check the node: "scriptmesh agent check".',
  },
  'run/already-final': {
    status: 409,
    title: 'Run has ended already',
    hint: 'Look at its end: "scriptmesh runs show ID".',
  },
  'run/not-final': { status: 409, title: 'Run has not ended', hint: 'Wait for its end: "scriptmesh runs show ID".' },
  'run/output-pruned': {
    status: 410,
    title: 'Output removed by retention',
    hint: 'Keep output longer: SCRIPT_MESH_RUN_RETENTION_BYTES and SCRIPT_MESH_RUN_RETENTION_DAYS of the orchestrator.',
  },
  'file/unsafe-path': {
    status: 400,
    title: 'Unsafe file path',
    hint: 'Give a path inside the data folder, as in reports/today.csv: without "..", escapes, "\\" or a leading "/".',
  },
  'file/not-found': {
    status: 404,
    title: 'No such file',
    hint: 'List the files: "scriptmesh files list".',
  },
  'file/too-large': {
    status: 413,
    title: 'File too large for one answer',
    hint: 'Ask for a part of it: GET /api/v1/files/content with a Range header.',
  },
  'file/range-outside': {
    status: 416,
    title: 'Range outside the file',
    hint: 'Ask for a range that begins inside the file; Content-Range tells its size.',
  },
  'file/unreadable': {
    status: 503,
    title: 'File cannot be read',
    hint: 'Check that the user of the orchestrator may read the file, then the disk.',
  },
  'queue/full': { status: 503, title: 'Queue full', hint: 'Wait until runs have ended and try again.' },
  'journal/mismatch': {
    status: 409,
    title: 'Other journal',
    hint: 'The agent says hello with its journal; nothing is to be done.',
  },
  'journal/retired': {
    status: 409,
    title: 'Retired journal',
    hint: 'The agent makes a new journal; nothing is to be done.',
  },
  'message/unknown-version': {
    status: 400,
    title: 'Unknown message version',
    hint: 'Use programs of fitting versions on both sides.',
  },
  'message/unknown-kind': {
    status: 400,
    title: 'Unknown message kind',
    hint: 'Use programs of fitting versions on both sides.',
  },
  'message/malformed': {
    status: 400,
    title: 'Malformed message',
    hint: 'Use programs of fitting versions on both sides.',
  },
  'message/bad-mac': {
    status: 401,
    title: 'Message not authentic',
    hint: 'Check that both sides hold the same agent key.',
  },
  'crypto/bad-token': { status: 500, title: 'Secret cannot be read', hint: 'Check the Fernet key.' },
  'crypto/wrong-fernet-key': {
    status: 500,
    title: 'Wrong Fernet key',
    hint: 'Put the right key back into cfg/fernet.key; docs/fernet-key.md shows the way when it is lost.',
  },
  'settings/invalid': {
    status: 500,
    title: 'Invalid settings',
    hint: 'Mend the settings listed; .env.example shows all of them.',
  },
  'settings/port-in-use': {
    status: 500,
    title: 'Port in use',
    hint: 'Stop the program that holds the port, or set another one.',
  },
  'store/locked': {
    status: 500,
    title: 'Database in use',
    hint: 'Stop the other orchestrator, or use PostgreSQL for several (DATABASE_URL).',
  },
  'store/newer-schema': {
    status: 500,
    title: 'Database is newer',
    hint: 'Start a program at least as new as the one that wrote the database.',
  },
  'store/bad-backup': {
    status: 500,
    title: 'Backup cannot be used',
    hint: 'Choose another backup; the database in use was not touched.',
  },
  'store/unavailable': {
    status: 503,
    title: 'Storage unavailable',
    hint: 'Try again; then check the database and the disk.',
  },
  'store/full': { status: 507, title: 'Storage full', hint: 'Free disk space; nothing that was acknowledged is lost.' },
  'orchestrator/unreachable': {
    status: 503,
    title: 'Orchestrator unreachable',
    hint: 'Check ORCHESTRATOR_URL and that the orchestrator is running.',
  },
  'orchestrator/stopping': { status: 503, title: 'Orchestrator is stopping', hint: 'Try again when it is back.' },
  'internal/unexpected': {
    status: 500,
    title: 'Unexpected error',
    hint: 'Look for the request id in the logs and report it.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(ERROR_CATALOGUE, value);
