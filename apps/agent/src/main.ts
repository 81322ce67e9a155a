import 'reflect-metadata';
import { type AgentSettings, EXIT_CONFIG, loadAgentSettings, processSources, SettingsError } from '@scriptmesh/config';
import { isMeshError } from '@scriptmesh/contracts';
import { armFailpoints } from '@scriptmesh/failpoints';
import { openProgramLog, WinstonLogger } from '@scriptmesh/logging';
import { PromMetrics } from '@scriptmesh/metrics';
import { SystemClock } from '@scriptmesh/runtime';
import { checkAgent } from './check-agent.js';
import { BUILT_SUPERVISOR } from './features/execution/index.js';
import { startAgent, type RunningAgent } from './start-agent.js';
import { closeInheritedDescriptors } from './supervisor/index.js';

const SIGNAL_EXITS = { SIGINT: 130, SIGTERM: 143 } as const;

/** The agent's program: `--check` tells what it would start with. */
async function main(words: readonly string[]): Promise<void> {
  // Before anything opens a descriptor: what the agent itself inherited must not reach scripts.
  closeInheritedDescriptors();
  if (words.includes('--doctor')) return examine(words.includes('--json'));
  const isCheck = words.includes('--check');
  const sources = processSources({}, { leavesNoTraces: isCheck });
  const { settings, unknownNames, failpoints } = loadAgentSettings(sources);
  const log = openLog(settings, isCheck);
  for (const secret of [settings.key, settings.registrationKey]) if (secret !== null) log.registerSecret(secret);
  for (const name of unknownNames) log.warn('settings.unknown', { name });
  if (isCheck) return check(settings, log);
  armFailpoints(failpoints);
  endOnCrash(log);
  const agent = await startAgent(settings, log, BUILT_SUPERVISOR, PromMetrics.ofProcess());
  stopOnSignals(agent, log);
  const place = agent.isListening ? agent.url : `${agent.url} (dials out; no port is open)`;
  process.stdout.write(`scriptmesh agent ${settings.name} ready on ${place}\n`);
  log.info('agent.ready', { url: agent.url, isListening: agent.isListening });
}

async function examine(asJson: boolean): Promise<void> {
  const { tellOfAgent } = await import('./examine-agent.js');
  const { text, exitCode } = await tellOfAgent(
    { sources: processSources({}, { leavesNoTraces: true }), clock: new SystemClock() },
    asJson,
  );
  process.stdout.write(text);
  process.exitCode = exitCode;
}

/** A check leaves no traces in the home folder, where an agent may be running. */
function openLog(settings: AgentSettings, isCheck: boolean): WinstonLogger {
  const options = { program: 'agent', level: settings.logLevel, clock: new SystemClock() };
  return isCheck ? new WinstonLogger(options) : openProgramLog({ ...options, settings, staysUp: true });
}

async function check(settings: AgentSettings, log: WinstonLogger): Promise<void> {
  const { text, isGood } = await checkAgent(settings, log);
  process.stdout.write(text);
  process.exitCode = isGood ? 0 : EXIT_CONFIG;
}

/** The first signal stops in order, the second at once. */
function stopOnSignals(agent: RunningAgent, log: WinstonLogger): void {
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(SIGNAL_EXITS[signal]);
      isStopping = true;
      log.info('agent.stopping', { signal });
      void stop(agent, log).then((exitCode) => process.exit(exitCode));
    });
  }
}

async function stop(agent: RunningAgent, log: WinstonLogger): Promise<number> {
  try {
    await agent.close();
    return 0;
  } catch (error) {
    log.error('agent.stop-failed', { error });
    return 1;
  } finally {
    await log.close();
  }
}

/** An error that nobody caught leaves the program in an unknown state: it ends, and its last words go through the log, which hides secrets. */
function endOnCrash(log: WinstonLogger): void {
  const crash = (error: unknown): void => {
    log.error('agent.crashed', { error });
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
}

/** Faults of the settings and of the place it was started in are the user's to mend: one readable message, exit 78. */
function explain(error: unknown): number {
  if (error instanceof SettingsError) {
    process.stderr.write(`scriptmesh agent: ${error.message}\n`);
    return EXIT_CONFIG;
  }
  if (isMeshError(error)) {
    process.stderr.write(`scriptmesh agent: ${error.code}: ${error.detail}. ${error.hint}\n`);
    return error.code.startsWith('settings/') || error.code === 'store/locked' ? EXIT_CONFIG : 1;
  }
  process.stderr.write(
    `scriptmesh agent: unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
}

main(process.argv.slice(2)).catch((error: unknown) => process.exit(explain(error)));
