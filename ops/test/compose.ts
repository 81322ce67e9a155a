import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { RunResource } from '@scriptmesh/contracts';
import { ROOT, runCli, until, type CliResult } from '../../test/support/program.js';

type Service = 'orchestrator' | 'nginx' | 'agent';

const PROJECT = 'scriptmesh-test';
const SCRIPTS = {
  // Tells of its start outside the spool, and goes on when it is let go.
  held: `#!/bin/sh
echo "$SM_RUN_ID" >> /var/lib/scriptmesh/starts
echo begun
while [ ! -e "/var/lib/scriptmesh/go-$SM_RUN_ID" ]; do sleep 0.1; done
echo ended
`,
  orphan: '#!/bin/sh\necho left\nsh -c "sleep 0.5 >/dev/null 2>&1 &"\n',
};

/** The shipped docker-compose.yml on the engine of DOCKER_HOST, and what its user has in a folder beside it. */
export class Compose {
  readonly folder = mkdtempSync(join(tmpdir(), 'scriptmesh-compose-'));
  readonly #environment: Readonly<Record<string, string>>;

  constructor() {
    const programs = join(this.folder, 'bin');
    mkdirSync(programs);
    const shim = (name: string, text: string): void => {
      writeFileSync(join(programs, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(programs, name), 0o755);
    };
    // Debian has the older compose, which the documents do not name.
    const later = 'PATH=${PATH#*:}\n';
    shim('docker', `${later}[ "$1" = compose ] || exec docker "$@"\nshift\nexec docker-compose "$@"`);
    shim('scriptmesh', `exec "${process.execPath}" "${ROOT}/bin/scriptmesh.mjs" "$@"`);
    this.#environment = {
      ...(process.env as Record<string, string>),
      PATH: [programs, process.env['PATH']].join(delimiter),
      COMPOSE_FILE: join(ROOT, 'docker-compose.yml'),
      COMPOSE_PROJECT_NAME: PROJECT,
    };
  }

  /** Runs a piece of bash as a user would, in the user's folder. @throws with what it said, when it fails */
  bash(text: string): Promise<string> {
    const options = { cwd: this.folder, env: this.#environment, maxBuffer: 64 << 20 };
    return new Promise((resolve, reject) => {
      execFile('bash', ['-euo', 'pipefail', '-c', text], options, (error, stdout, stderr) => {
        if (error) reject(new Error(`${text}\nended with ${error.code}\n${stdout}${stderr}`));
        else resolve(stdout);
      });
    });
  }

  inContainer(service: Service, text: string): Promise<string> {
    return this.bash(`docker compose exec -T ${service} sh -c '${text}'`);
  }

  /** The engine's name of a service's container. */
  async container(service: Service): Promise<string> {
    return (await this.bash(`docker compose ps -q ${service}`)).trim();
  }

  async healthOf(service: Service): Promise<string> {
    const id = await this.container(service);
    return (await this.bash(`docker inspect --format '{{.State.Health.Status}}' ${id}`)).trim();
  }

  cli(...words: readonly string[]): Promise<CliResult> {
    return runCli(words, {
      ORCHESTRATOR_URL: 'https://localhost',
      SCRIPT_MESH_API_KEY: readFileSync(join(this.folder, 'main.key'), 'utf8').trim(),
      NODE_EXTRA_CA_CERTS: join(this.folder, 'ca.pem'),
    });
  }

  async getRun(id: string): Promise<RunResource> {
    const { stdout, stderr } = await this.cli('runs', 'show', id, '-o', 'json');
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as RunResource;
  }

  async waitForState(id: string, ...states: readonly string[]): Promise<RunResource> {
    let run: RunResource | undefined;
    await until(
      `run ${id} in ${states.join(' or ')}`,
      async () => {
        run = await this.getRun(id).catch(() => undefined);
        return run !== undefined && states.includes(run.state);
      },
      60_000,
    ).catch((error: unknown) => {
      throw new Error(`it is ${JSON.stringify(run)}`, { cause: error });
    });
    return run as RunResource;
  }

  async putScripts(): Promise<void> {
    for (const [name, text] of Object.entries(SCRIPTS)) {
      writeFileSync(join(this.folder, `${name}.sh`), text);
      const path = `/var/lib/scriptmesh/scripts/${name}.sh`;
      await this.bash(`docker compose exec -T agent sh -c 'cat > ${path} && chmod 755 ${path}' < ${name}.sh`);
    }
    const own = Object.keys(SCRIPTS).map((name) => ({ name, path: `${name}.sh` }));
    const manifest = JSON.stringify({ scripts: [{ name: 'hello_world', path: 'hello_world.js' }, ...own] });
    await this.bash(
      `docker compose exec -T agent sh -c 'cat > /var/lib/scriptmesh/cfg/script_manifest.json' <<< '${manifest}'`,
    );
    await until('the scripts', async () => (await this.cli('scripts', 'list')).stdout.includes('orphan'));
  }

  /** Starts the held script and resolves when it has begun. */
  async startHeld(): Promise<string> {
    const { stdout, stderr, code } = await this.cli('run', 'held', '-a', 'agent-1', '--detach', '-o', 'json');
    if (code !== 0) throw new Error(`${stdout}${stderr}`);
    const { id } = JSON.parse(stdout) as RunResource;
    await until('the script to begin', async () => (await this.getRun(id)).stdoutBytes > 0);
    return id;
  }

  letGo(id: string): Promise<string> {
    return this.inContainer('agent', `: > /var/lib/scriptmesh/go-${id}`);
  }

  async startsOf(id: string): Promise<number> {
    return (await this.inContainer('agent', 'cat /var/lib/scriptmesh/starts')).split('\n').filter((line) => line === id)
      .length;
  }

  async stop(): Promise<void> {
    await this.bash('docker compose down --volumes --remove-orphans --timeout 20');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
