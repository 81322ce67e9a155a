/**
 * Lets requests for an upgrade go the way of all others: key, guard, route, problem. So a WebSocket is open only to whom
 * its route is open, and an unknown path gets the answer that it gets without an upgrade.
 */
import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { MeshError } from '@scriptmesh/contracts';
import type { NextFunction, Request, Response } from 'express';
import { keepUpgrade, wantsWebSocket } from './upgraded-request.js';

/** For key, guard and route together; who has no socket by then gets none. */
const DECIDED_WITHIN_MS = 5000;
const OF_THE_UPGRADE = new Set(['upgrade', 'http2-settings']);

export function serveUpgrades(app: NestExpressApplication): void {
  const server = app.getHttpServer() as Server;
  const handle = app.getHttpAdapter().getInstance() as (request: IncomingMessage, response: ServerResponse) => void;
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (request.method !== 'GET' || request.headers.upgrade?.toLowerCase() !== 'websocket') {
      serveWithoutUpgrade(server, request, socket, head);
      return;
    }
    socket.on('error', () => socket.destroy());
    socket.setTimeout(DECIDED_WITHIN_MS, () => socket.destroy());
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once('finish', () => socket.destroySoon());
    keepUpgrade(request, { response, socket, head });
    handle(request, response);
  });
}

/** Only browsers send an Origin, and no page has business with an agent's socket: refused whatever key it has. */
export function refuseOrigins(request: Request, _response: Response, next: NextFunction): void {
  if (!wantsWebSocket(request) || request.headersDistinct['origin'] === undefined) return next();
  next(new MeshError('auth/forbidden', 'a WebSocket is for agents, and agents send no Origin'));
}

/**
 * Some clients ask for HTTP/2 with every request (Java's does) and take an answer over HTTP/1.1 as well. Node has
 * already let go of such a connection, so it is given back with the request as it was, less the wish for an upgrade.
 */
function serveWithoutUpgrade(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(at, at + 2);
    if (name.toLowerCase() === 'connection') lines.push(...restOfConnection(value));
    else if (!OF_THE_UPGRADE.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

function restOfConnection(value: string): readonly string[] {
  const rest = value.split(',').filter((word) => !OF_THE_UPGRADE.has(word.trim().toLowerCase()));
  return rest.length === 0 ? [] : [`Connection: ${rest.join(',')}`];
}
