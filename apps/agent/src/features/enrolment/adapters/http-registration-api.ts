import type { ClientCertificate } from '@scriptmesh/config';
import { isAgentId } from '@scriptmesh/contracts';
import { RegistrationApi, type Registration, type RegistrationAnswer } from '../registration-api.js';
import { boundedRequest } from './bounded-request.js';

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_TEXT = 300;
/** The orchestrator is there but cannot just now. */
const PASSING = new Set([408, 425, 429]);

const NEEDS_A_PORT: RegistrationAnswer = {
  kind: 'refused',
  why: 'the orchestrator is of ScriptMesh 0.2 and has to dial its agents, but this one opens no port',
  hint: 'set SCRIPT_MESH_TRANSPORT=http, or bring the orchestrator up to date',
};

/** Over http(s). The answer is bounded in bytes and time, and no redirect is followed: the key must not travel on. */
export class HttpRegistrationApi extends RegistrationApi {
  constructor(
    private readonly orchestratorUrl: string,
    private readonly certificate: ClientCertificate | null = null,
    private readonly timeoutMs = TIMEOUT_MS,
  ) {
    super();
  }

  override async register(registration: Registration, apiKey: string): Promise<RegistrationAnswer> {
    try {
      const { status, body } = await this.#post('/api/v1/agents', registration, apiKey);
      // 0.2 has no such route, and says so in its own words.
      if (status === 404 && body['code'] === undefined) return await this.#registerWith02(registration, apiKey);
      return judge(status, body);
    } catch (error) {
      return { kind: 'unreachable', why: (error as Error).message };
    }
  }

  async #registerWith02({ name, url, key }: Registration, apiKey: string): Promise<RegistrationAnswer> {
    if (url === null) return NEEDS_A_PORT;
    const fields = { agent_name: name, url, api_key: key };
    const { status, body } = await this.#post('/register-agent', fields, apiKey);
    return status === 200 && body['status'] === 'registered' ? { kind: 'registered-with-0.2' } : judge(status, body);
  }

  async #post(path: string, fields: unknown, apiKey: string) {
    const { status, text: answer } = await boundedRequest(`${this.orchestratorUrl}${path}`, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(fields),
      timeoutMs: this.timeoutMs,
      certificate: this.certificate,
      maxBytes: MAX_ANSWER_BYTES,
    });
    return { status, body: parse(answer) };
  }
}

function judge(status: number, body: Readonly<Record<string, unknown>>): RegistrationAnswer {
  if ((status === 200 || status === 201) && isAgentId(body['id'])) return { kind: 'registered', agentId: body['id'] };
  const why = `${text(body['code']) || `status ${status}`}: ${text(body['detail']) || 'no reason was given'}`;
  if (status === 401 || status === 403) return { kind: 'key-refused', why };
  if (status >= 400 && status < 500 && !PASSING.has(status)) return { kind: 'refused', why, hint: text(body['hint']) };
  return { kind: 'unreachable', why };
}

function parse(answer: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(answer);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Strangers' text: short, and without control characters. */
const text = (value: unknown): string =>
  typeof value === 'string' ? value.slice(0, MAX_TEXT).replaceAll(/\p{Cc}+/gu, ' ') : '';
