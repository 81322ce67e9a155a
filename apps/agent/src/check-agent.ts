import type { AgentSettings } from '@scriptmesh/config';
import type { ManifestReport } from '@scriptmesh/contracts';
import type { Logger } from '@scriptmesh/logging';
import { SystemClock } from '@scriptmesh/runtime';
import { boundedRequest } from './features/enrolment/index.js';
import { lookAtManifest } from './features/manifest/index.js';

const REACH_TIMEOUT_MS = 3_000;
const MOST_BYTES = 65_536;

interface CheckReport {
  readonly text: string;
  /** Nothing has to be mended on this node. */
  readonly isGood: boolean;
}

/** Looks at all that an agent would start with, without starting one: it makes nothing, and works beside a running agent. */
export async function checkAgent(settings: AgentSettings, log: Logger): Promise<CheckReport> {
  const report = await lookAtManifest(settings.home, new SystemClock(), log);
  const isGood =
    report === undefined || (report.faults.length === 0 && report.scripts.every(({ problem }) => problem === null));
  const lines = [...describeSettings(settings), ...describeManifest(report), await describeOrchestrator(settings)];
  return { text: `${lines.join('\n')}\n`, isGood };
}

function describeSettings(settings: AgentSettings): readonly string[] {
  return [
    `agent         ${settings.name}`,
    `home          ${settings.home}`,
    ...describeAddress(settings),
    `transport     ${settings.transport}`,
    `main key      ${settings.registrationKey === null ? 'not there: this name must be registered already' : 'there'}`,
  ];
}

function describeAddress({ transport, host, port, url }: AgentSettings): readonly string[] {
  if (transport === 'websocket') return ['listens on    no port: it only dials out'];
  return [`listens on    ${host}:${port}`, `told address  ${url ?? 'derived from host and port'}`];
}

function describeManifest(report: ManifestReport | undefined): readonly string[] {
  if (report === undefined) return ['manifest      is made at the first start, with one script to try'];
  const { scripts, faults } = report;
  const shown = scripts.map(
    ({ name, problem }) =>
      `  ${problem === null ? 'ok     ' : 'refused'} ${name}${problem === null ? '' : `: ${problem}`}`,
  );
  return [
    `manifest      ${scripts.length} scripts, ${faults.length} faults`,
    ...shown,
    ...faults.map((fault) => `  fault   ${fault}`),
  ];
}

async function describeOrchestrator({
  orchestratorUrl,
  clientCertificate: certificate,
}: AgentSettings): Promise<string> {
  const label = `orchestrator  ${orchestratorUrl}`;
  try {
    const asked = { method: 'GET', timeoutMs: REACH_TIMEOUT_MS, maxBytes: MOST_BYTES, certificate } as const;
    const { status } = await boundedRequest(`${orchestratorUrl}/livez`, asked);
    return `${label}: ${status === 200 ? 'reachable' : `answers with status ${status}, which is no orchestrator's answer`}`;
  } catch (error) {
    return `${label}: not reachable (${(error as Error).message}). Check ORCHESTRATOR_URL and that it is running.`;
  }
}
