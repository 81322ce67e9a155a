import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { OrchestratorSettings } from '@scriptmesh/config';
import { MeshError } from '@scriptmesh/contracts';

/**
 * @returns the address with the real port
 * @throws MeshError settings/port-in-use, settings/invalid; the application is closed then
 */
export async function listen(app: NestExpressApplication, { host, port }: OrchestratorSettings): Promise<string> {
  try {
    await app.init();
    await listenOn(app.getHttpServer() as Server, host, port);
  } catch (error) {
    await app.close();
    throw toListenFault(error, host, port);
  }
  const address = app.getHttpServer().address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}

/** Not app.listen: that logs the fault as unexpected before it throws it. */
function listenOn(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function toListenFault(cause: unknown, host: string, port: number): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return new MeshError('settings/port-in-use', `port ${port} on ${host} is in use by another program`, {
      hint: 'Stop that program, or set SCRIPT_MESH_PORT to another port (0 = any free one).',
      cause,
    });
  }
  if (!/^E[A-Z]+$/.test(code ?? '')) return cause;
  return new MeshError('settings/invalid', `the orchestrator cannot listen on ${host}, port ${port} (${code})`, {
    hint: 'Mend SCRIPT_MESH_HOST and SCRIPT_MESH_PORT.',
    cause,
  });
}
