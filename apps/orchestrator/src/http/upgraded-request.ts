import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { SocketUpgrade } from '@scriptmesh/transport';

interface KeptUpgrade {
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly head: Buffer;
}

const upgrades = new WeakMap<IncomingMessage, KeptUpgrade>();

/** Remembers that this request wants its connection for a WebSocket, for the route that may give it. */
export const keepUpgrade = (request: IncomingMessage, upgrade: KeptUpgrade): void =>
  void upgrades.set(request, upgrade);

export const wantsWebSocket = (request: IncomingMessage): boolean => upgrades.has(request);

/** Hands the connection over; no HTTP answer can be given any more. @returns undefined for a request that wants none */
export function takeUpgrade(request: IncomingMessage): SocketUpgrade | undefined {
  const kept = upgrades.get(request);
  if (!kept) return undefined;
  upgrades.delete(request);
  const { response, socket, head } = kept;
  response.detachSocket(socket);
  return { request, socket, head };
}
