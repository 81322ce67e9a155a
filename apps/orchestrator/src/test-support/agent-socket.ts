import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket, type ClientOptions } from 'ws';

/** What became of an upgrade: an open socket, or the status and body that came in its place. */
export type UpgradeOutcome =
  | { readonly socket: WebSocket; readonly status: 101; readonly problem: undefined }
  | { readonly socket: undefined; readonly status: number; readonly problem: Record<string, unknown> };

/** Asks for a WebSocket as anybody may, with any headers. @param url http://... */
export function askForSocket(url: string, headers: Record<string, string>, options: ClientOptions = {}) {
  return new Promise<UpgradeOutcome>((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers, ...options });
    socket.once('open', () => resolve({ socket, status: 101, problem: undefined }));
    socket.once('unexpected-response', (_request, response: IncomingMessage) => {
      void readProblem(response).then((problem) =>
        resolve({ socket: undefined, status: response.statusCode ?? 0, problem }),
      );
    });
    socket.once('error', reject);
  });
}

/** The close code with which the other side closes. */
export async function closeCodeOf(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}

async function readProblem(response: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>;
}
