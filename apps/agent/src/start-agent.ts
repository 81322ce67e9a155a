import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { AgentSettings } from '@scriptmesh/config';
import { MeshError } from '@scriptmesh/contracts';
import { NestLogAdapter, type Logger } from '@scriptmesh/logging';
import { Metrics, PromMetrics } from '@scriptmesh/metrics';
import { AgentModule } from './agent.module.js';
import { EnrolmentService } from './features/enrolment/index.js';
import { BUILT_SUPERVISOR, type SupervisorProgram } from './features/execution/index.js';
import { openDoor } from './features/link/index.js';

export interface RunningAgent {
  /** Where it listens; where it dials when it does not listen. */
  readonly url: string;
  readonly isListening: boolean;
  /** Takes no new runs, leaves those that run to the supervisor, closes everything. */
  close(): Promise<void>;
}

/** @throws MeshError settings/port-in-use, settings/invalid, store/locked, store/unavailable */
export const startAgent = (
  settings: AgentSettings,
  log: Logger,
  program: SupervisorProgram = BUILT_SUPERVISOR,
  metrics: Metrics = new PromMetrics(),
): Promise<RunningAgent> => {
  const module = AgentModule.forRoot(settings, log, program, metrics);
  return settings.transport === 'websocket'
    ? startDialling(settings, log, module)
    : startListening(settings, log, module);
};

/** Opens no port: the routes of the http door, those of 0.2 among them, are not there at all. */
async function startDialling(settings: AgentSettings, log: Logger, module: DynamicModule): Promise<RunningAgent> {
  const app = await NestFactory.createApplicationContext(module, {
    logger: new StartLog(log),
    abortOnError: false,
  });
  // Nothing listens, so between two dials nothing else would keep the program alive.
  const alive = setInterval(() => {}, LONGEST_INTERVAL_MS);
  app.get(EnrolmentService).start(null);
  const close = async (): Promise<void> => {
    await app.close();
    clearInterval(alive);
  };
  return { url: settings.orchestratorUrl.replace(/^http/, 'ws'), isListening: false, close };
}

/**
 * Listens first and registers then, so that the orchestrator may knock as soon as it knows the address.
 */
async function startListening(settings: AgentSettings, log: Logger, module: DynamicModule): Promise<RunningAgent> {
  const app = await NestFactory.create<NestExpressApplication>(module, {
    logger: new StartLog(log),
    bodyParser: false,
    abortOnError: false,
    forceCloseConnections: true,
  });
  openDoor(app, settings.key, app.get(Metrics));
  try {
    await app.listen(settings.port, settings.host);
  } catch (error) {
    await app.close();
    throw toListenError(error, settings);
  }
  const { port } = app.getHttpServer().address() as AddressInfo;
  app.get(EnrolmentService).start(urlOf(isAnyAddress(settings.host) ? hostname() : settings.host, port));
  return { url: urlOf(settings.host, port), isListening: true, close: () => app.close() };
}

/** What a timer can wait for at most. */
const LONGEST_INTERVAL_MS = 2 ** 31 - 1;

/** What Nest says of a failed start is thrown as well, and explained by the program in one line. */
class StartLog extends NestLogAdapter {
  override error(message: unknown, ...context: readonly unknown[]): void {
    const speaker = context.at(-1);
    if (speaker !== 'ExceptionHandler' && speaker !== 'NestApplication') super.error(message, ...context);
  }
}

const isAnyAddress = (host: string): boolean => host === '0.0.0.0' || host === '::';
const urlOf = (host: string, port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

function toListenError(error: unknown, { host, port }: AgentSettings): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new MeshError('settings/port-in-use', `port ${port} on ${host} is used by another program`, {
      cause: error,
      hint: 'Stop that program, or set another port: SCRIPT_MESH_AGENT_PORT.',
    });
  }
  if (code !== 'EACCES' && code !== 'EADDRNOTAVAIL' && code !== 'ENOTFOUND') return error;
  return new MeshError('settings/invalid', `the agent cannot listen on ${host}, port ${port} (${code})`, {
    cause: error,
    hint: 'Mend SCRIPT_MESH_AGENT_HOST or SCRIPT_MESH_AGENT_PORT.',
  });
}
