import { join } from 'node:path';
import { BUILT_PROGRAMS, type ProgramName } from '../../ports/programs.js';

/** What belongs to a program as a service of systemd. The unit under ops/systemd names the same user and folders; a test compares. */
export interface Service {
  readonly unit: string;
  readonly user: string;
  readonly home: string;
  readonly settingsFile: string;
  readonly settingsText: string;
  /** Below the package root. */
  readonly built: string;
  /** Where a copy of the program goes; null when it is run from where it was built. */
  readonly installed: string | null;
}

export const SERVICES: Readonly<Record<ProgramName, Service>> = {
  agent: {
    unit: 'scriptmesh-agent.service',
    user: 'scriptmesh-agent',
    home: '/var/lib/scriptmesh-agent',
    settingsFile: '/etc/scriptmesh/agent.env',
    settingsText: '#ORCHESTRATOR_URL=https://mesh.example.com\n#SCRIPT_MESH_AGENT_NAME=\n#SCRIPT_MESH_MAIN_KEY=\n',
    built: BUILT_PROGRAMS.agent,
    installed: '/usr/local/lib/scriptmesh/agent.mjs',
  },
  orchestrator: {
    unit: 'scriptmesh-orchestrator.service',
    user: 'scriptmesh',
    home: '/var/lib/scriptmesh',
    settingsFile: '/etc/scriptmesh/orchestrator.env',
    settingsText: '#SCRIPT_MESH_HOST=0.0.0.0\n#SCRIPT_MESH_PORT=8000\n#DATABASE_URL=postgres://...\n',
    built: BUILT_PROGRAMS.orchestrator,
    installed: null,
  },
};

export const unitPath = ({ unit }: Service): string => join('/etc/systemd/system', unit);

/** The unit's text with this machine's Node and program; Node's own flags stay as they are. */
export function fillUnit(text: string, node: string, program: string): string {
  return text.replace(
    /^ExecStart=\S+((?: --\S+)*) .*$/m,
    (_line, flags: string) => `ExecStart=${quote(node)}${flags} ${quote(program)}`,
  );
}

/** As systemd reads words: specifiers and variables are doubled, quotes escaped. */
const quote = (path: string): string =>
  /^[\w./@+-]+$/.test(path)
    ? path
    : `"${path.replaceAll(/["\\]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
