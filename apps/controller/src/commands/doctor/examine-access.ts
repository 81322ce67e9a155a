import { isDefaultKey, type ControllerSettings } from '@scriptmesh/config';
import { isMeshError } from '@scriptmesh/contracts';
import { lookAtOrchestrator, lookAtStreams, ok, problem, type Finding } from '@scriptmesh/doctor';
import type { Clock } from '@scriptmesh/runtime';

interface AccessSurroundings {
  /** @throws MeshError settings/invalid */
  readonly load: () => ControllerSettings;
  readonly clock: Clock;
  readonly silenceSeconds?: number;
}

/** What keeps an operator on this machine from the orchestrator. */
export async function examineAccess({ load, clock, silenceSeconds }: AccessSurroundings): Promise<readonly Finding[]> {
  let settings: ControllerSettings;
  try {
    settings = load();
  } catch (error) {
    return findingsOfFault(error);
  }
  const { orchestratorUrl: url, apiKey: key } = settings;
  const looks = await lookAtOrchestrator({ url, key, nowMs: () => clock.nowMs() });
  const findings = [judgeKey(key), ...looks];
  if (key === null || looks.some(({ check, state }) => check !== 'clock' && state === 'problem')) return findings;
  const stream = {
    url,
    key,
    monotonicMs: () => clock.monotonicMs(),
    ...(silenceSeconds === undefined ? {} : { silenceSeconds }),
  };
  return [...findings, await lookAtStreams(stream)];
}

function judgeKey(key: string | null): Finding {
  if (key === null)
    return problem('settings', 'there is no key', 'Run "scriptmesh login", or set SCRIPT_MESH_API_KEY_FILE.');
  if (!isDefaultKey(key)) return ok('settings', 'address and key are there');
  return problem(
    'settings',
    'the key is the default one that everybody knows',
    'Make another one, as docs/migrating-from-0.2.md says.',
  );
}

function findingsOfFault(error: unknown): readonly Finding[] {
  if (!isMeshError(error)) throw error;
  const told = error.faults.map(({ path, message }) => problem('settings', `${path}: ${message}`, error.hint));
  return told.length > 0 ? told : [problem('settings', error.detail, error.hint)];
}
