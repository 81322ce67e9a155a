import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadOrchestratorSettings, type OrchestratorSettings, type SettingSources } from '@scriptmesh/config';
import { examineDatabase } from '@scriptmesh/database';
import {
  findingsOf,
  freeBytes,
  judgeDisk,
  lookAtOrchestrator,
  lookForHome,
  lookAtStreams,
  ok,
  problem,
  skipped,
  tell,
  type Finding,
} from '@scriptmesh/doctor';
import type { Clock } from '@scriptmesh/runtime';

/** Below it an upgrade could not copy a database of usual size, and SQLite comes to its limits. */
const DISK_RESERVE_BYTES = 256 * 1024 * 1024;

interface Surroundings {
  readonly sources: SettingSources;
  readonly clock: Clock;
  /** Bytes free in a folder; null where that cannot be told. */
  readonly free?: (folder: string) => Promise<number | null>;
}

/** Where a server that listens there is reached from its own machine. */
const localHost = (host: string): string => {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
};

/** What is wrong with the orchestrator of this machine, which may be running: `scriptmesh doctor orchestrator`. */
export async function examineOrchestrator({
  sources,
  clock,
  free = freeBytes,
}: Surroundings): Promise<readonly Finding[]> {
  const stray = lookForHome(sources, 'orchestrator');
  if (stray) return [stray];
  let settings: OrchestratorSettings;
  try {
    ({ settings } = loadOrchestratorSettings(sources));
  } catch (error) {
    return findingsOf(error);
  }
  const url = `http://${localHost(settings.host)}:${settings.port}`;
  const place = { url, key: settings.mainKey, nowMs: () => clock.nowMs() };
  const here = await lookAtOrchestrator(place);
  return [
    ok('settings', `home ${settings.home}`),
    lookAtFernetKey(settings),
    await lookAtDatabase(settings),
    judgeDisk(settings.home, await free(settings.home), DISK_RESERVE_BYTES),
    ...here,
    ...(here.every(({ state }) => state === 'ok')
      ? [await lookAtStreams({ url, key: settings.mainKey, monotonicMs: () => clock.monotonicMs(), silenceSeconds: 1 })]
      : []),
  ];
}

function lookAtFernetKey({ fernetKeys, home }: OrchestratorSettings): Finding {
  if (fernetKeys.length > 0) return ok('fernet key', 'is there; keep a copy of it apart from the database');
  return existsSync(join(home, 'scriptmesh.sqlite'))
    ? problem(
        'fernet key',
        'is missing, and there is a database already',
        'Put it back from your backup; docs/fernet-key.md shows the way.',
      )
    : skipped('fernet key', 'is made at the first start');
}

async function lookAtDatabase({ databaseUrl, home }: OrchestratorSettings): Promise<Finding> {
  if (databaseUrl !== null)
    return skipped('database', 'is PostgreSQL; GET /readyz of the orchestrator says whether it answers');
  const file = join(home, 'scriptmesh.sqlite');
  if (!existsSync(file)) return skipped('database', 'is made at the first start');
  const fault = await examineDatabase(file);
  if (fault === undefined) return ok('database', `${file} passed its check`);
  return problem(
    'database',
    `${file}: ${fault}`,
    'Restore a backup: "scriptmesh orchestrator restore BACKUP"; docs/backup.md.',
  );
}

/** Examines and tells. @returns what to print, and the exit code: 0, or 1 when something has to be mended */
export const tellOfOrchestrator = async (surroundings: Surroundings, asJson: boolean) =>
  tell(await examineOrchestrator(surroundings), asJson);
