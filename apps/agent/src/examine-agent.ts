import { loadAgentSettings, type AgentSettings, type SettingSources } from '@scriptmesh/config';
import type { ManifestReport } from '@scriptmesh/contracts';
import {
  findingsOf,
  freeBytes,
  judgeDisk,
  lookAtOrchestrator,
  lookForHome,
  ok,
  problem,
  skipped,
  tell,
  type Finding,
} from '@scriptmesh/doctor';
import { WinstonLogger } from '@scriptmesh/logging';
import type { Clock } from '@scriptmesh/runtime';
import { lookAtManifest } from './features/manifest/index.js';

interface Surroundings {
  readonly sources: SettingSources;
  readonly clock: Clock;
  /** Bytes free in a folder; null where that cannot be told. */
  readonly free?: (folder: string) => Promise<number | null>;
}

/** What is wrong with this node, as far as its agent can be asked without being started: `scriptmesh doctor agent`. */
export async function examineAgent({ sources, clock, free = freeBytes }: Surroundings): Promise<readonly Finding[]> {
  const stray = lookForHome(sources, 'agent');
  if (stray) return [stray];
  let settings: AgentSettings;
  try {
    ({ settings } = loadAgentSettings(sources));
  } catch (error) {
    return findingsOf(error);
  }
  return [
    ok('settings', `of the agent ${settings.name}, home ${settings.home}`),
    ...(await examineManifest(settings, clock)),
    judgeDisk(settings.home, await free(settings.home), settings.diskReserveBytes),
    ...(await lookAtOrchestrator({
      url: settings.orchestratorUrl,
      key: settings.registrationKey,
      agentKey: settings.key,
      nowMs: () => clock.nowMs(),
    })),
  ];
}

async function examineManifest({ home }: AgentSettings, clock: Clock): Promise<readonly Finding[]> {
  const log = new WinstonLogger({ program: 'agent', level: 'error', clock });
  try {
    const report = await lookAtManifest(home, clock, log);
    return report === undefined ? [skipped('manifest', 'is made at the first start')] : judgeManifest(report);
  } finally {
    await log.close();
  }
}

function judgeManifest({ scripts, faults }: ManifestReport): readonly Finding[] {
  const refused = scripts.flatMap(({ name, problem: why }) => (why === null ? [] : [`${name}: ${why}`]));
  const findings = [...faults, ...refused].map((what) => problem(checkOf(what), what, todoOf(what)));
  if (findings.length > 0) return findings;
  return [ok('manifest', `lists ${scripts.length} scripts, and each of them could be started`)];
}

const isOfPermissions = (what: string): boolean => what.includes('unsafe-permissions') || what.includes('chmod');
const checkOf = (what: string): string => (isOfPermissions(what) ? 'permissions' : 'manifest');
const todoOf = (what: string): string =>
  isOfPermissions(what)
    ? 'Let root or the user of the agent own it, and nobody else write it: chmod go-w on the place that is named.'
    : 'Mend it in cfg/script_manifest.json; "scriptmesh explain" says what each field means. It is read again at once.';

/** Examines and tells. @returns what to print, and the exit code: 0, or 1 when something has to be mended */
export const tellOfAgent = async (surroundings: Surroundings, asJson: boolean) =>
  tell(await examineAgent(surroundings), asJson);
