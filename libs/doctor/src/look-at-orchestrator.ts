import { ask, type Asked } from './ask.js';
import { ok, problem, skipped, warning, type Finding } from './finding.js';

const PATIENCE_MS = 5_000;
/** Beyond it logs of two machines cannot be read side by side, and certificates and keys with an end go wrong. */
const SKEW_MS = 30_000;
const CERTIFICATE_DAYS = 14;
const DAY_MS = 86_400_000;

export interface OrchestratorPlace {
  readonly url: string;
  /** The key of an operator; null: whether a key is right is not looked at. */
  readonly key: string | null;
  /** The key of the agent that looks. */
  readonly agentKey?: string;
  readonly nowMs: () => number;
}

/** Is it there, in time, with a certificate that holds, and is the key right? */
export async function lookAtOrchestrator(place: OrchestratorPlace): Promise<readonly Finding[]> {
  const base = place.url.replace(/\/+$/, '');
  try {
    const asked = await ask(`${base}/livez`, {}, PATIENCE_MS);
    asked.answer.resume();
    if (asked.status !== 200) return [stranger(base, asked.status)];
    const reached = ok('orchestrator', `answers at ${base}`);
    return [
      reached,
      judgeClock(asked, place.nowMs()),
      ...judgeCertificate(asked, place.nowMs()),
      await lookAtKey(base, place.key),
      ...(place.agentKey === undefined ? [] : [await lookAtAgentKey(base, place.agentKey, place.key !== null)]),
    ];
  } catch (error) {
    return [explain(base, error)];
  }
}

const stranger = (base: string, status: number): Finding =>
  problem(
    'orchestrator',
    `what answers at ${base} is no orchestrator: GET /livez gave ${status}`,
    'Check ORCHESTRATOR_URL, and where the proxy on the way leads.',
  );

function judgeClock({ dateMs }: Asked, nowMs: number): Finding {
  if (dateMs === null) return skipped('clock', 'the answer does not say what time it is there');
  const skewMs = nowMs - dateMs;
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) <= SKEW_MS) return ok('clock', `agrees with that of the orchestrator (${seconds} s apart)`);
  const side = skewMs > 0 ? 'ahead of' : 'behind';
  return problem(
    'clock',
    `this machine is ${seconds} s ${side} the orchestrator`,
    'Let both machines keep time, as with chrony or systemd-timesyncd.',
  );
}

function judgeCertificate({ certificateEndsMs }: Asked, nowMs: number): readonly Finding[] {
  if (certificateEndsMs === null) return [];
  const days = Math.floor((certificateEndsMs - nowMs) / DAY_MS);
  if (days >= CERTIFICATE_DAYS) return [ok('certificate', `valid for another ${days} days`)];
  return [
    warning(
      'certificate',
      `ends in ${days} days`,
      'Renew the certificate of the orchestrator or of the proxy before it.',
    ),
  ];
}

async function lookAtKey(base: string, key: string | null): Promise<Finding> {
  if (key === null) return skipped('key', 'there is no key of an operator to be tried');
  const { status, answer } = await ask(`${base}/api/v1/status`, { 'x-api-key': key }, PATIENCE_MS);
  answer.resume();
  if (status === 200) return ok('key', 'is one of this orchestrator');
  if (status === 429) return tooManyWrong('key');
  return problem(
    'key',
    status === 401 || status === 403
      ? 'is not one of this orchestrator'
      : `could not be tried: the answer was ${status}`,
    'Take the key from cfg/main.key in the home folder of the orchestrator; "scriptmesh login" stores it here.',
  );
}

/** A route of operators tells an agent's key (403) from one that nobody knows (401), and does nothing for either. */
async function lookAtAgentKey(base: string, key: string, canRegister: boolean): Promise<Finding> {
  const { status, answer } = await ask(`${base}/api/v1/status`, { 'x-api-key': key }, PATIENCE_MS);
  answer.resume();
  if (status === 403) return ok('agent key', 'is known to the orchestrator');
  if (status === 401 && canRegister)
    return ok('agent key', 'is not known yet: the agent registers with the main key at its start');
  if (status === 429) return tooManyWrong('agent key');
  return problem(
    'agent key',
    status === 401 ? 'is not known to the orchestrator' : `could not be tried: the answer was ${status}`,
    'Put back the cfg/agent.key that this agent was registered with, or give it the main key once (SCRIPT_MESH_MAIN_KEY_FILE).',
  );
}

const tooManyWrong = (check: string): Finding =>
  problem(check, 'was not looked at: too many wrong keys came from here', 'Wait a minute and try again.');

const CERTIFICATE_TODO = 'Renew it; or trust its authority: NODE_EXTRA_CA_CERTS=/path/of/ca.pem in the environment.';
const CAUSES: Readonly<Record<string, readonly [check: string, why: string, todo: string]>> = {
  CERT_HAS_EXPIRED: ['certificate', 'its certificate has expired', 'Renew the certificate; nothing else helps.'],
  CERT_NOT_YET_VALID: ['certificate', 'its certificate is not valid yet', 'Check the clocks of both machines.'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['certificate', 'its certificate is self-signed', CERTIFICATE_TODO],
  SELF_SIGNED_CERT_IN_CHAIN: ['certificate', 'its certificate comes from an unknown authority', CERTIFICATE_TODO],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['certificate', 'its certificate comes from an unknown authority', CERTIFICATE_TODO],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    'certificate',
    'its certificate comes from an unknown authority',
    CERTIFICATE_TODO,
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: ['certificate', 'its certificate is for another host name', 'Check ORCHESTRATOR_URL.'],
  ECONNREFUSED: ['orchestrator', 'nothing listens there', 'Start it, or mend ORCHESTRATOR_URL.'],
  ENOTFOUND: ['orchestrator', 'the host name is not known', 'Mend ORCHESTRATOR_URL, or the name server.'],
  EAI_AGAIN: ['orchestrator', 'the host name could not be looked up', 'Check the name server of this machine.'],
  ETIMEDOUT: [
    'orchestrator',
    'no answer came in time',
    'Check firewalls on the way, and whether the orchestrator hangs.',
  ],
  EHOSTUNREACH: ['orchestrator', 'there is no way to that machine', 'Check routes and firewalls on the way.'],
  ENETUNREACH: ['orchestrator', 'there is no way to that network', 'Check routes and firewalls on the way.'],
  ECONNRESET: [
    'orchestrator',
    'the connection was cut',
    'Check the proxy on the way; for TLS use https:// in ORCHESTRATOR_URL.',
  ],
  EPROTO: ['orchestrator', 'it does not speak TLS', 'Use http:// in ORCHESTRATOR_URL, or give it TLS.'],
};

function explain(base: string, error: unknown): Finding {
  const { code = '', message = '' } = error as NodeJS.ErrnoException;
  const [check, why, todo] = CAUSES[code] ?? [
    'orchestrator',
    `it cannot be asked (${code || message})`,
    'Check the way from here to there.',
  ];
  return problem(check, `${base}: ${why}`, todo);
}
