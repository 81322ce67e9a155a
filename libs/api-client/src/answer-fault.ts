import { ERROR_CATALOGUE, type ErrorCode, type FieldFault, isErrorCode, MeshError } from '@scriptmesh/contracts';

/** What is needed of an answer to explain it. */
export interface FailedAnswer {
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly location: string | null;
  readonly retryAfter: string | null;
  readonly body: string;
}

/** For codes that this program does not know, because the orchestrator is newer. */
const CODE_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'auth/unauthorized',
  403: 'auth/forbidden',
  404: 'route/not-found',
  405: 'route/method-not-allowed',
  409: 'run/wrong-state',
  413: 'request/too-large',
  415: 'request/unsupported-type',
  422: 'request/invalid',
  429: 'request/too-many',
};

/** Turns an answer that is not 2xx into the error the orchestrator meant, or says what answered in its place. */
export function toAnswerFault(answer: FailedAnswer): MeshError {
  const problem = readProblem(answer.body);
  if (problem !== null) return fromProblem(problem, answer);
  if (answer.status === 401) {
    return new MeshError('auth/unauthorized', `${answer.url} did not accept the key (401)`, { facts: { status: 401 } });
  }
  return notAnOrchestrator(answer);
}

/** Something answered 2xx, but not as an orchestrator does. */
export function toUnreadableFault(url: string, contentType: string, cause?: unknown): MeshError {
  return new MeshError(
    'orchestrator/unreachable',
    `${url} answered with ${contentType || 'no content type'} that is not an answer of ScriptMesh; a proxy or another program answers there`,
    { cause, hint: 'Check ORCHESTRATOR_URL or --url, and the proxy settings (HTTP_PROXY, NO_PROXY).' },
  );
}

function notAnOrchestrator({ url, status, contentType, location }: FailedAnswer): MeshError {
  if (status >= 300 && status < 400) {
    return new MeshError(
      'orchestrator/unreachable',
      `${url} redirects to ${location ?? 'another place'} (${status}); redirects are not followed, so that the key is sent nowhere else`,
      { facts: { status }, hint: 'Set ORCHESTRATOR_URL or --url to the final address.' },
    );
  }
  const kind = contentType.includes('html') ? 'an HTML page' : contentType || 'no content type';
  return new MeshError(
    'orchestrator/unreachable',
    `${url} answered ${status} with ${kind}, which no ScriptMesh orchestrator does; a proxy or another program answers there`,
    {
      facts: { status },
      hint: 'Check that the orchestrator runs behind that proxy, and ORCHESTRATOR_URL or --url.',
    },
  );
}

function fromProblem(problem: Record<string, unknown>, answer: FailedAnswer): MeshError {
  const known = isErrorCode(problem['code']);
  const code: ErrorCode = isErrorCode(problem['code']) ? problem['code'] : codeByStatus(answer.status);
  const told = text(problem['detail']) ?? text(problem['title']) ?? `the orchestrator answered ${answer.status}`;
  const detail = known ? told : `${text(problem['code']) ?? answer.status}: ${told}`;
  const retryAfterSeconds = Number(answer.retryAfter ?? Number.NaN);
  return new MeshError(code, detail, {
    hint: text(problem['hint']) ?? ERROR_CATALOGUE[code].hint,
    faults: readFaults(problem['errors']),
    facts: { status: answer.status, requestId: text(problem['requestId']), serverCode: text(problem['code']) },
    ...(Number.isFinite(retryAfterSeconds) ? { retryAfterSeconds } : {}),
  });
}

const codeByStatus = (status: number): ErrorCode =>
  CODE_BY_STATUS[status] ?? (status < 500 ? 'request/malformed' : 'internal/unexpected');

function readProblem(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) && (typeof value['code'] === 'string' || typeof value['detail'] === 'string') ? value : null;
  } catch {
    return null;
  }
}

function readFaults(value: unknown): FieldFault[] {
  if (!Array.isArray(value)) return [];
  return value
    .filter(isRecord)
    .map((fault) => ({ path: text(fault['path']) ?? '', message: text(fault['message']) ?? '' }));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
