import { loadOrchestratorSettings, type OrchestratorSettings, type SettingSources } from '@scriptmesh/config';
import {
  findingsOf,
  freeBytes,
  judgeDisk,
  lookAtOrchestrator,
  lookForHome,
  lookAtStreams,
  ok,
  tell,
  type Finding,
} from '@scriptmesh/doctor';
import type { Clock } from '@scriptmesh/runtime';
import { lookAtStore } from './look-at-store.js';

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
    ...(await lookAtStore(settings)),
    judgeDisk(settings.home, await free(settings.home), DISK_RESERVE_BYTES),
    ...here,
    ...(here.every(({ state }) => state === 'ok')
      ? [await lookAtStreams({ url, key: settings.mainKey, monotonicMs: () => clock.monotonicMs(), silenceSeconds: 1 })]
      : []),
  ];
}

/** Examines and tells. @returns what to print, and the exit code: 0, or 1 when something has to be mended */
export const tellOfOrchestrator = async (surroundings: Surroundings, asJson: boolean) =>
  tell(await examineOrchestrator(surroundings), asJson);
