/** One attempt to open a socket to the orchestrator, and in words why it failed. */
import { WebSocket } from 'ws';
import { FRAME_LIST_LIMITS } from '../frames/frame-list.js';
import type { ShownCertificate } from '../shown-certificate.js';
import { MESSAGE_HEAD_BYTES } from './socket-message.js';

export type DialOutcome<Opened> =
  | { readonly kind: 'open'; readonly socket: Opened }
  /** The other side answered with an HTTP status in place of the upgrade. */
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'failed'; readonly why: string; readonly hint: string };

export interface Dialled<Opened> {
  readonly outcome: Promise<DialOutcome<Opened>>;
  /** Ends the attempt; after its outcome it does nothing. */
  giveUp(): void;
}

export interface DialTarget {
  /** ws:// or wss:// */
  readonly url: string;
  /** Sent as x-api-key. */
  readonly key: string;
  readonly timeoutMs: number;
  readonly certificate?: ShownCertificate | null | undefined;
}

/** @param take called in the moment of opening, so that no message is missed */
export function dial<Opened>(
  { url, key, timeoutMs, certificate }: DialTarget,
  take: (socket: WebSocket) => Opened,
): Dialled<Opened> {
  const socket = new WebSocket(url, {
    ...certificate,
    headers: { 'x-api-key': key },
    handshakeTimeout: timeoutMs,
    // The key must not travel on to wherever a redirect points.
    followRedirects: false,
    perMessageDeflate: false,
    maxPayload: FRAME_LIST_LIMITS.maxBytes + MESSAGE_HEAD_BYTES,
  });
  let isSettled = false;
  const outcome = new Promise<DialOutcome<Opened>>((resolve) => {
    const settle = (result: DialOutcome<Opened>): void => {
      isSettled = true;
      resolve(result);
    };
    socket.once('open', () => settle({ kind: 'open', socket: take(socket) }));
    socket.once('unexpected-response', (_request, { statusCode = 0 }) => {
      settle({ kind: 'refused', status: statusCode });
      socket.terminate();
    });
    socket.on('error', (error) => settle({ kind: 'failed', why: nameOf(error), hint: hintFor(error) }));
  });
  return { outcome, giveUp: () => void (isSettled || socket.terminate()) };
}

/** An error over several addresses has no message of its own, only a code. */
function nameOf(error: NodeJS.ErrnoException): string {
  return [error.code, error.message].filter((part) => part !== undefined && part !== '').join(': ') || 'no connection';
}

const CERTIFICATE_FAULT = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/;
const NO_TLS = /WRONG_VERSION_NUMBER|EPROTO|PACKET_LENGTH/;

function hintFor({ code = '' }: NodeJS.ErrnoException): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'the certificate is for another host name: mend ORCHESTRATOR_URL or the certificate';
  if (code === 'CERT_HAS_EXPIRED') return 'renew the certificate of the orchestrator, or mend the clock of this node';
  if (CERTIFICATE_FAULT.test(code))
    return 'the certificate is not trusted here: name the file of its authority in NODE_EXTRA_CA_CERTS';
  if (NO_TLS.test(code))
    return 'the other side does not speak TLS on this port: check http and https in ORCHESTRATOR_URL';
  return 'check ORCHESTRATOR_URL and that the orchestrator is running';
}
