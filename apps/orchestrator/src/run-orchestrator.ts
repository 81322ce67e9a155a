import { join } from 'node:path';
import { loadOrchestratorSettings, processSources, type OrchestratorSettings } from '@scriptmesh/config';
import { isMeshError } from '@scriptmesh/contracts';
import { fernetFingerprint } from '@scriptmesh/crypto';
import { openDatabase, type Database } from '@scriptmesh/database';
import { openProgramLog, WinstonLogger } from '@scriptmesh/logging';
import { RandomIds, SystemClock } from '@scriptmesh/runtime';
import { createApp } from './create-app.js';
import { checkFernetKeys } from './fernet-check.js';
import { importV02 } from './import-v02.js';
import { listen } from './listen.js';
import { printApi } from './print-api.js';
import { readFlags, USAGE, type Flags } from './read-flags.js';
import { describeStartFault, startFaultExitCode } from './start-fault.js';
import { endOnCrash, endSoon, waitForStop } from './stop-signals.js';

const USAGE_EXIT_CODE = 2;

/**
 * The whole program: settings, store, keys, HTTP, until a signal ends it.
 * @param argv `--check` only says whether it could start; `--openapi` prints the API's document
 * `--import-v02 FOLDER` takes over the agents of ScriptMesh 0.2
 * @returns the exit code: 0, 1 when an import left something out, 2 for unknown flags, 78 for what an administrator has to mend, 1 for the unforeseen
 */
export async function runOrchestrator(argv: readonly string[]): Promise<number> {
  const flags = readFlags(argv);
  if (flags.unknown.length > 0) {
    process.stderr.write(`scriptmesh orchestrator: not understood: ${flags.unknown.join(' ')}\n${USAGE}\n`);
    return USAGE_EXIT_CODE;
  }
  try {
    if (flags.purpose === 'openapi') {
      await printApi();
      return 0;
    }
    return await runWithSettings(flags);
  } catch (error) {
    process.stderr.write(`${describeStartFault(error)}\n`);
    return startFaultExitCode(error);
  }
}

async function runWithSettings({ purpose, folder, settings: given }: Flags): Promise<number> {
  const { settings, unknownNames } = loadOrchestratorSettings(processSources(given));
  const log = openLog(settings, purpose);
  for (const secret of [settings.mainKey, ...settings.fernetKeys, passwordOf(settings.databaseUrl)])
    log.registerSecret(secret);
  if (unknownNames.length > 0) log.warn('settings.unknown', { names: unknownNames });
  if (purpose === 'check') return check(settings, log).then(() => 0);
  const db = await open(settings, log);
  try {
    const surroundings = await prepare(settings, log, db);
    if (folder !== undefined) return await importV02(surroundings, folder);
    await serve(surroundings);
    return 0;
  } finally {
    await db.close();
    endSoon(log);
    await log.close();
  }
}

/** A check leaves no traces in the home folder, where an orchestrator may be running. */
function openLog(settings: OrchestratorSettings, purpose: Flags['purpose']): WinstonLogger {
  const options = { program: 'orchestrator', level: settings.logLevel, clock: new SystemClock() };
  return purpose === 'check' ? new WinstonLogger(options) : openProgramLog({ ...options, settings, staysUp: true });
}

const open = (settings: OrchestratorSettings, logger: WinstonLogger): Promise<Database> =>
  openDatabase({ url: settings.databaseUrl, file: join(settings.home, 'scriptmesh.sqlite'), logger });

async function prepare(given: OrchestratorSettings, log: WinstonLogger, db: Database) {
  const clock = new SystemClock();
  const fernetKeys = await checkFernetKeys(given, db, clock);
  for (const key of fernetKeys) log.registerSecret(key);
  const settings = Object.freeze({ ...given, fernetKeys });
  return { settings, clock, ids: new RandomIds(clock), log, db };
}

async function serve(surroundings: Awaited<ReturnType<typeof prepare>>): Promise<void> {
  const { settings, log } = surroundings;
  const app = await createApp(surroundings);
  endOnCrash(log);
  const stop = waitForStop();
  const url = await listen(app, settings);
  process.stdout.write(`scriptmesh orchestrator ready on ${url}\n`);
  log.info('orchestrator.ready', { url });
  log.info('orchestrator.stopping', { signal: await stop });
  await app.close();
}

/** Opens the store as a start would, migrations included, and lets go of it again. */
async function check(settings: OrchestratorSettings, log: WinstonLogger): Promise<void> {
  const lines = ['settings: ok', `home: ${settings.home}`, `would listen on: ${settings.host}, port ${settings.port}`];
  try {
    const db = await open(settings, log);
    const keys = await checkFernetKeys(settings, db, new SystemClock()).finally(() => db.close());
    lines.push(`database: ok (${db.engine})`, `Fernet key: ok (fingerprint ${fernetFingerprint(keys.at(-1) ?? '')})`);
  } catch (error) {
    if (!isMeshError(error) || error.code !== 'store/locked') throw error;
    lines.push('database: in use by an orchestrator that runs; it and the Fernet key were not looked at');
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** The password inside DATABASE_URL; empty when there is none. */
const passwordOf = (databaseUrl: string | null): string =>
  databaseUrl === null ? '' : decodeURIComponent(new URL(databaseUrl).password);
