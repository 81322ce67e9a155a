import { join } from 'node:path';
import { databaseFile, loadOrchestratorSettings, processSources, type OrchestratorSettings } from '@scriptmesh/config';
import { openDatabase, type Database } from '@scriptmesh/database';
import { armFailpoints } from '@scriptmesh/failpoints';
import { openProgramLog, WinstonLogger } from '@scriptmesh/logging';
import { PromMetrics } from '@scriptmesh/metrics';
import { RandomIds, SystemClock } from '@scriptmesh/runtime';
import { OtelTracing } from '@scriptmesh/tracing';
import { backUp } from './back-up.js';
import { createApp } from './create-app.js';
import { checkFernetKeys } from './fernet-check.js';
import { importV02 } from './import-v02.js';
import { listen } from './listen.js';
import { printApi } from './print-api.js';
import { readFlags, USAGE, type Flags } from './read-flags.js';
import { markInPlace, restoreBackup } from './restore-backup.js';
import { describeStartFault, startFaultExitCode } from './start-fault.js';
import { endOnCrash, endSoon, waitForStop } from './stop-signals.js';
import type { Surroundings } from './surroundings.module.js';

const USAGE_EXIT_CODE = 2;

/**
 * The whole program: settings, store, keys, HTTP, until a signal ends it.
 * @param argv `--check` only says whether it could start; `--openapi` prints the API's document
 * `--import-v02 FOLDER` takes over the agents of ScriptMesh 0.2; `--restore FILE` puts a backup in the place of the
 * database; `--backup FILE` copies it, while an orchestrator may be running; `--mark-restored` treats the database as one that was restored by other tools
 * `--doctor` says what is wrong and what to do
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
    if (flags.purpose === 'doctor' || flags.purpose === 'doctor-json') return await examine(flags);
    return await runWithSettings(flags);
  } catch (error) {
    process.stderr.write(`${describeStartFault(error)}\n`);
    return startFaultExitCode(error);
  }
}

async function examine({ purpose, settings: given }: Flags): Promise<number> {
  const { tellOfOrchestrator } = await import('./examine-orchestrator.js');
  const surroundings = { sources: processSources(given, { leavesNoTraces: true }), clock: new SystemClock() };
  const { text, exitCode } = await tellOfOrchestrator(surroundings, purpose === 'doctor-json');
  process.stdout.write(text);
  return exitCode;
}

async function runWithSettings({ purpose, path, withFernetKey, settings: given }: Flags): Promise<number> {
  const sources = processSources(given, { leavesNoTraces: purpose === 'check' || purpose === 'backup' });
  const { settings, unknownNames, failpoints } = loadOrchestratorSettings(sources);
  const log = openLog(settings, purpose);
  for (const secret of [settings.mainKey, ...settings.fernetKeys, passwordOf(settings.databaseUrl)])
    log.registerSecret(secret);
  if (unknownNames.length > 0) log.warn('settings.unknown', { names: unknownNames });
  if (purpose === 'check') return (await import('./check-start.js')).checkStart(settings);
  if (purpose === 'backup') {
    await backUp({ settings, file: databaseFile(settings.home), target: path ?? '', withFernetKey });
    return 0;
  }
  if (purpose === 'serve') armFailpoints(failpoints);
  try {
    return await doWork(purpose, path, settings, log);
  } finally {
    endSoon(log);
    await log.close();
  }
}

async function doWork(
  purpose: Flags['purpose'],
  path = '',
  settings: OrchestratorSettings,
  log: WinstonLogger,
): Promise<number> {
  if (purpose === 'restore') {
    await restoreBackup({
      file: databaseFile(settings.home),
      backup: path,
      settings,
      open: (file, work) => withDatabase(settings, log, file, work),
      nowMs: new SystemClock().nowMs(),
    });
    return 0;
  }
  return withDatabase(settings, log, databaseFile(settings.home), async (surroundings) => {
    if (purpose === 'import-v02') return importV02(surroundings, path);
    await (purpose === 'mark-restored' ? markInPlace(surroundings) : serve(surroundings));
    return 0;
  });
}

async function withDatabase<T>(
  settings: OrchestratorSettings,
  log: WinstonLogger,
  file: string,
  work: (surroundings: Surroundings) => Promise<T>,
): Promise<T> {
  // A copy that is made ready for its place is a copy already.
  const backups = file === databaseFile(settings.home) ? { backupFolder: backupFolder(settings) } : {};
  const db = await openDatabase({ url: settings.databaseUrl, file, logger: log, ...backups });
  try {
    return await work(await prepare(settings, log, db));
  } finally {
    await db.close();
  }
}

/** Only who stays up writes log files: whoever works beside it may be another user, whose files it could not go on with. */
function openLog(settings: OrchestratorSettings, purpose: Flags['purpose']): WinstonLogger {
  const options = { program: 'orchestrator', level: settings.logLevel, clock: new SystemClock() };
  return purpose === 'serve' ? openProgramLog({ ...options, settings, staysUp: true }) : new WinstonLogger(options);
}

const backupFolder = ({ home }: OrchestratorSettings): string => join(home, 'backups');

async function prepare(given: OrchestratorSettings, log: WinstonLogger, db: Database): Promise<Surroundings> {
  const clock = new SystemClock();
  const fernetKeys = await checkFernetKeys(given, db, clock);
  for (const key of fernetKeys) log.registerSecret(key);
  const settings = Object.freeze({ ...given, fernetKeys });
  const watched = { metrics: PromMetrics.ofProcess(), tracing: new OtelTracing() };
  return { settings, clock, ids: new RandomIds(clock), log, db, ...watched };
}

async function serve(surroundings: Surroundings): Promise<void> {
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

/** The password inside DATABASE_URL; empty when there is none. */
const passwordOf = (databaseUrl: string | null): string =>
  databaseUrl === null ? '' : decodeURIComponent(new URL(databaseUrl).password);
