import { MeshError } from '@scriptmesh/contracts';

interface Explanation {
  readonly why: string;
  readonly hint?: string;
}

const CERTIFICATE_HINT =
  'Renew the certificate, or trust its authority: start with NODE_EXTRA_CA_CERTS=/path/of/ca.pem in the environment.';
const ADDRESS_HINT = 'Check the address: ORCHESTRATOR_URL or --url.';

/** What Node's connection errors mean to a person. The rest is told by its code. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: {
    why: 'nothing listens there (connection refused)',
    hint: 'Start it with "scriptmesh orchestrator start", or give its address: ORCHESTRATOR_URL or --url.',
  },
  ENOTFOUND: { why: 'the host name is not known', hint: ADDRESS_HINT },
  EAI_AGAIN: { why: 'the host name could not be looked up (name server not reachable)', hint: ADDRESS_HINT },
  EHOSTUNREACH: { why: 'there is no way to the host', hint: 'Check the network between here and the orchestrator.' },
  ENETUNREACH: { why: 'there is no way to the network', hint: 'Check the network between here and the orchestrator.' },
  ECONNRESET: { why: 'the connection was cut before an answer came' },
  EPIPE: { why: 'the connection was cut before an answer came' },
  ETIMEDOUT: { why: 'it did not answer in time' },
  ECONNABORTED: { why: 'it did not answer in time' },
  CERT_HAS_EXPIRED: { why: 'its certificate has expired', hint: CERTIFICATE_HINT },
  CERT_NOT_YET_VALID: { why: 'its certificate is not valid yet', hint: 'Check the clocks of both machines.' },
  DEPTH_ZERO_SELF_SIGNED_CERT: { why: 'its certificate is self-signed', hint: CERTIFICATE_HINT },
  SELF_SIGNED_CERT_IN_CHAIN: { why: 'its certificate comes from an unknown authority', hint: CERTIFICATE_HINT },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { why: 'its certificate comes from an unknown authority', hint: CERTIFICATE_HINT },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { why: 'its certificate comes from an unknown authority', hint: CERTIFICATE_HINT },
  ERR_TLS_CERT_ALTNAME_INVALID: { why: 'its certificate is for another host name', hint: ADDRESS_HINT },
  EPROTO: {
    why: 'it does not speak TLS as asked',
    hint: 'Try http:// instead of https:// in ORCHESTRATOR_URL or --url.',
  },
  ERR_INVALID_URL: { why: 'the address is not a URL', hint: ADDRESS_HINT },
};

/** The connection failed before a whole answer was there. `url` is the orchestrator's address as set. */
export function toConnectionFault(error: unknown, url: string): MeshError {
  const code = codeOf(error);
  const known = EXPLANATIONS[code];
  const why = known?.why ?? explainRest(code, error);
  return new MeshError('orchestrator/unreachable', `the orchestrator at ${url} cannot be asked: ${why}`, {
    cause: error,
    facts: { connection: code },
    ...(known?.hint === undefined ? {} : { hint: known.hint }),
  });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN';
  const code = (error as { code?: unknown }).code;
  const causeCode = (error.cause as { code?: unknown } | undefined)?.code;
  // ERR_NETWORK is axios' own and says nothing; what happened is in the cause.
  if (typeof code === 'string' && !code.startsWith('ERR_NETWORK')) return code;
  return typeof causeCode === 'string' ? causeCode : 'UNKNOWN';
}

function explainRest(code: string, error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if (message.includes('maxContentLength')) return 'its answer is larger than this program accepts';
  if (code.startsWith('HPE_')) return 'what answers there does not speak HTTP';
  return message === '' ? code : `${message} (${code})`;
}
