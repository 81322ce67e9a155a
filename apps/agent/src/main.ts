import 'reflect-metadata';
import { type AgentSettings, EXIT_CONFIG, loadAgentSettings, processSources, SettingsError } from '@scriptmesh/config';
import { isMeshError } from '@scriptmesh/contracts';
import { WinstonLogger } from '@scriptmesh/logging';
import { checkAgent } from './check-agent.js';
import { closeInheritedDescriptors } from './features/execution/index.js';
import { startAgent, type RunningAgent } from './start-agent.js';

const SIGNAL_EXITS = { SIGINT: 130, SIGTERM: 143 } as const;

/** The agent's program: `--check` tells what it would start with. */
async function main(words: readonly string[]): Promise<void> {
  // Before anything opens a descriptor: what the agent itself inherited must not reach scripts.
  closeInheritedDescriptors();
  const { settings, unknownNames } = loadAgentSettings(processSources());
  const log = new WinstonLogger({ program: 'agent', level: settings.logLevel });
  for (const secret of [settings.key, settings.registrationKey]) if (secret !== null) log.registerSecret(secret);
  for (const name of unknownNames) log.warn('settings.unknown', { name });
  if (words.includes('--check')) return check(settings, log);
  const agent = await startAgent(settings, log);
  stopOnSignals(agent, log);
  process.stdout.write(`scriptmesh agent ${settings.name} ready on ${agent.url}\n`);
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
      agent.close().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error('agent.stop-failed', { error });
          process.exit(1);
        },
      );
    });
  }
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
