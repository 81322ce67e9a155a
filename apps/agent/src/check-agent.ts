import { NestFactory } from '@nestjs/core';
import type { AgentSettings } from '@scriptmesh/config';
import type { ManifestReport } from '@scriptmesh/contracts';
import type { Logger } from '@scriptmesh/logging';
import { Module, type DynamicModule } from '@nestjs/common';
import { AgentSurroundings } from './agent.module.js';
import { boundedRequest } from './features/enrolment/index.js';
import { ManifestModule, ManifestReader } from './features/manifest/index.js';

const REACH_TIMEOUT_MS = 3_000;
const MOST_BYTES = 65_536;

@Module({})
class CheckModule {
  static forRoot(settings: AgentSettings, log: Logger): DynamicModule {
    return { module: CheckModule, imports: [AgentSurroundings.forRoot(settings, log), ManifestModule] };
  }
}

interface CheckReport {
  readonly text: string;
  /** Nothing has to be mended on this node. */
  readonly isGood: boolean;
}

/** Looks at all that an agent would start with, without starting one: it works beside a running agent. */
export async function checkAgent(settings: AgentSettings, log: Logger): Promise<CheckReport> {
  const context = await NestFactory.createApplicationContext(CheckModule.forRoot(settings, log), {
    logger: false,
    abortOnError: false,
  });
  try {
    const { report } = await context.get(ManifestReader).report();
    const isGood = report.faults.length === 0 && report.scripts.every(({ problem }) => problem === null);
    const lines = [...describeSettings(settings), ...describeManifest(report), await describeOrchestrator(settings)];
    return { text: `${lines.join('\n')}\n`, isGood };
  } finally {
    await context.close();
  }
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

function describeManifest({ scripts, faults }: ManifestReport): readonly string[] {
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
