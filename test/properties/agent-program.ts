import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { MeshError, type AgentId, type ManifestReport, type PerStream, type Stream } from '@scriptmesh/contracts';
import { Clock, Ids } from '@scriptmesh/runtime';
import { HttpOrchestratorLink, OrchestratorLink } from '@scriptmesh/transport';
import type { AgentSettings } from '@scriptmesh/config';
import { AgentSurroundings } from '../../apps/agent/src/agent.module.js';
import { EnrolmentModule, EnrolmentService } from '../../apps/agent/src/features/enrolment/index.js';
import { NodeFacts } from '../../apps/agent/src/features/enrolment/node-facts.js';
import { RegistrationApi } from '../../apps/agent/src/features/enrolment/registration-api.js';
import { ScriptStarter } from '../../apps/agent/src/features/execution/index.js';
import { Journal, SpoolDisk, SpoolFolder, SpoolSpace } from '../../apps/agent/src/features/journal/index.js';
import { ManifestReader, type RunnableScript } from '../../apps/agent/src/features/manifest/index.js';
import { OutputReader, ReportingModule } from '../../apps/agent/src/features/reporting/index.js';
import { KeptLog } from '../../apps/agent/src/test-support/agent-home.js';
import type { HostileNetwork } from './hostile-network.js';
import { LifeDisk } from './life-disk.js';
import type { Life } from './life.js';
import type { ScriptHost } from './script-host.js';

export interface AgentPlace {
  readonly agentId: AgentId;
  readonly settings: AgentSettings;
  /** null: it only dials. */
  readonly url: string | null;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly network: HostileNetwork;
  readonly host: ScriptHost;
}

/** The real agent, all of it but the ends that reach out of it: disk, network, clock, scripts. */
export interface AgentProgram {
  readonly life: Life;
  readonly journal: Journal;
  readonly disk: LifeDisk;
  readonly log: KeptLog;
}

export async function startAgent(life: Life, place: AgentPlace): Promise<AgentProgram> {
  const { agentId, settings, url, network, host } = place;
  const log = new KeptLog();
  const disk = new LifeDisk(life, () => (life.isOver = true));
  const nest = await Test.createTestingModule({
    imports: [AgentSurroundings.forRoot(settings, log), ReportingModule, EnrolmentModule],
  })
    .overrideProvider(Clock)
    .useValue(place.clock)
    .overrideProvider(Ids)
    .useValue(place.ids)
    .overrideProvider(SpoolFolder)
    .useValue({ path: join(settings.home, 'spool'), isOurs: true, release: () => {} })
    .overrideProvider(SpoolDisk)
    .useValue(disk)
    .overrideProvider(SpoolSpace)
    .useValue({ diskFree: async () => null, spoolBytes: async () => 0 })
    .overrideProvider(ManifestReader)
    .useValue(new ToldManifest(host))
    .overrideProvider(ScriptStarter)
    .useValue(host.starterFor(life))
    .overrideProvider(OutputReader)
    .useValue(new PlainOutputReader())
    .overrideProvider(HttpOrchestratorLink)
    .useValue({})
    .overrideProvider(OrchestratorLink)
    .useValue(network.openAgentEnd(life, agentId))
    .overrideProvider(NodeFacts)
    .useValue({ facts: () => ({}), bootId: () => 'boot' })
    .overrideProvider(RegistrationApi)
    .useValue({ register: async () => ({ kind: 'registered', agentId }) })
    .compile();
  await nest.init();
  nest.get(EnrolmentService).start(url);
  return { life, journal: nest.get(Journal), disk, log };
}

/** Lists what the node lists just now. */
class ToldManifest extends ManifestReader {
  constructor(private readonly host: ScriptHost) {
    super();
  }
  override get sha256(): null {
    return null;
  }
  override async checkScript(name: string): Promise<RunnableScript> {
    if (!this.host.isListed(name)) throw new MeshError('script/not-found', `"${name}" is not in the manifest`);
    const file = `/${name}.sh`;
    return { name, file, sha256: 'c'.repeat(64), version: '1', argv: [file], timeoutMs: null, maxConcurrent: null };
  }
  override async report(): Promise<{ readonly sha256: null; readonly report: ManifestReport }> {
    return { sha256: null, report: { scripts: [], error: null } as unknown as ManifestReport };
  }
  override onChange(): void {}
}

class PlainOutputReader extends OutputReader {
  override async read(folder: string, stream: Stream, offset: number, maxBytes: number): Promise<Uint8Array> {
    const file = join(folder, stream);
    return existsSync(file) ? readFileSync(file).subarray(offset, offset + maxBytes) : new Uint8Array();
  }
  override async lengths(folder: string): Promise<PerStream<number>> {
    const of = (stream: Stream): number => (existsSync(join(folder, stream)) ? statSync(join(folder, stream)).size : 0);
    return { stdout: of('stdout'), stderr: of('stderr') };
  }
}
