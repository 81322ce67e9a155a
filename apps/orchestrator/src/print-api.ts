import { loadOrchestratorSettings } from '@scriptmesh/config';
import { makeFernetKey } from '@scriptmesh/crypto';
import { Database, type Reader } from '@scriptmesh/database';
import { WinstonLogger } from '@scriptmesh/logging';
import { PromMetrics } from '@scriptmesh/metrics';
import { RandomIds, SystemClock } from '@scriptmesh/runtime';
import { OtelTracing } from '@scriptmesh/tracing';
import { createApp } from './create-app.js';
import { describeApi } from './http/swagger.js';

/** The document is made from classes alone: nothing may ask the store for anything. */
class NoDatabase extends Database {
  override readonly engine = 'sqlite';
  override get read(): Reader {
    throw new Error('there is no database while the document is printed');
  }
  override write(): Promise<never> {
    return Promise.reject(new Error('there is no database while the document is printed'));
  }
  override readonly storeSeq = 0;
  override readonly openedSeq = 0;
  override readStoreSeq = (): Promise<number> => Promise.resolve(0);
  override raiseStoreSeq = (): Promise<void> => Promise.resolve();
  override close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Prints the API's document. Opens no port and no database, and reads no setting, so that it is the same everywhere. */
export async function printApi(): Promise<void> {
  const clock = new SystemClock();
  const flags = { SCRIPT_MESH_HOME: '/nonexistent', SCRIPT_MESH_MAIN_KEY: makeFernetKey() };
  const { settings } = loadOrchestratorSettings({ flags, env: {}, cwd: '/', hostname: 'localhost' });
  const app = await createApp({
    settings: { ...settings, fernetKeys: [makeFernetKey()] },
    clock,
    ids: new RandomIds(clock),
    log: new WinstonLogger({ program: 'orchestrator', level: 'error' }),
    db: new NoDatabase(),
    metrics: new PromMetrics(),
    tracing: new OtelTracing(),
  });
  process.stdout.write(`${JSON.stringify(describeApi(app), null, 2)}\n`);
}
