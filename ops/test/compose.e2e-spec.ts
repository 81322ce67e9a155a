import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bashBlocks } from '../../test/support/documents.js';
import { Compose } from './compose.js';

const compose = new Compose();
const BLOCKS = bashBlocks('docs/docker.md');

describe('the images', () => {
  const inside = async (image: string, text: string): Promise<string> =>
    (
      await compose.bash(`docker run --rm --read-only --network none --entrypoint sh scriptmesh-${image} -c '${text}'`)
    ).trim();

  it.each(['orchestrator', 'agent', 'controller'])(
    '%s: not root, nothing to build with, nothing of the tests',
    async (image) => {
      expect(await inside(image, 'id -u')).toBe('1000');
      expect(await inside(image, 'for tool in cc gcc g++ make python3; do command -v $tool || true; done')).toBe('');
      expect(
        await inside(
          image,
          'cd /app && ls -d node_modules/typescript* node_modules/vitest node_modules/rolldown apps libs test 2>/dev/null || true',
        ),
      ).toBe('');
      expect(await inside(image, 'touch /app/x 2>/dev/null && echo writable || true')).toBe('');
    },
  );

  it('the agent is one file', async () => {
    expect(await inside('agent', 'ls /app/*.mjs; ls -d /app/node_modules 2>/dev/null || true')).toBe(
      ['/app/agent.mjs', '/app/enrol-agent.mjs', '/app/healthcheck.mjs'].join('\n'),
    );
  });

  it('the command line tells its version', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      version: string;
    };
    expect(await compose.bash('docker run --rm --read-only --network none scriptmesh-controller --version')).toContain(
      version,
    );
  });
});

describe('docs/docker.md, in its order', () => {
  it.each(BLOCKS.slice(0, -1).map(({ heading, text }, at) => [`${at + 1}. ${heading}`, text]))(
    '%s',
    async (_, text) => {
      await expect(compose.bash(text as string)).resolves.toBeTypeOf('string');
    },
  );
});

describe('the stack', () => {
  beforeAll(() => compose.putScripts());

  it.each(['orchestrator', 'agent'] as const)('%s is healthy', async (service) => {
    await expect.poll(() => compose.healthOf(service), { timeout: 60_000 }).toBe('healthy');
  });

  it('runs a script from outside through nginx over TLS', async () => {
    const { code, stdout } = await compose.cli('run', 'hello_world', '-a', 'agent-1');
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'Hello from ScriptMesh!']);
    const page = await compose.bash(
      "curl -s --cacert ca.pem -w '%{http_code} %{http_version}' -o /dev/null https://localhost/docs",
    );
    expect(page).toBe('200 2');
  });

  it('keeps keys for their owner alone, and the main key away from the agent', async () => {
    const modes = 'cd /etc/scriptmesh/tls && ls -ln ca.key server.key';
    expect((await compose.inContainer('nginx', modes)).match(/^-rw------- +1 +(0|1000) /gm)).toHaveLength(2);
    expect(await compose.inContainer('orchestrator', 'cd /var/lib/scriptmesh && find . -type f ! -perm 600')).toBe('');
    expect(statSync(join(compose.folder, 'main.key')).mode & 0o777).toBe(0o600);
    const mainKey = readFileSync(join(compose.folder, 'main.key'), 'utf8').trim();
    expect(
      await compose.inContainer(
        'agent',
        `grep -rl -e ${mainKey} /var/lib/scriptmesh /proc/[0-9]*/environ 2>/dev/null || true`,
      ),
    ).toBe('');
  });

  it('counts bad keys by the address that nginx saw, whatever the caller says of itself', async () => {
    const badKey = `curl -s --cacert ca.pem -o /dev/null -w '%{http_code}\\n' -H 'x-api-key: wrong' https://localhost/api/v1/runs`;
    const many = `for at in $(seq 30); do ${badKey} -H "x-forwarded-for: 192.0.2.$at"; done`;
    const answers = (await compose.bash(many)).trim().split('\n');
    expect([answers[0], answers.at(-1)]).toEqual(['401', '429']);
    const ofAgent = `fetch("http://orchestrator:8000/api/v1/runs", {headers: {"x-api-key": "wrong"}}).then((a) => console.log(a.status))`;
    expect((await compose.inContainer('agent', `node -e "${ofAgent.replaceAll('"', '\\"')}"`)).trim()).toBe('401');
    await compose.bash('docker compose restart orchestrator');
    await expect.poll(() => compose.healthOf('orchestrator'), { timeout: 60_000 }).toBe('healthy');
  });

  it('loses nothing when nginx and the orchestrator are restarted in the middle of a run', async () => {
    const id = await compose.startHeld();
    const followed = compose.cli('runs', 'output', '-f', id);
    await compose.bash('docker compose restart nginx');
    await compose.bash('docker compose restart orchestrator');
    await compose.bash('docker compose restart nginx orchestrator');
    await compose.letGo(id);
    expect(await followed).toMatchObject({ code: 0, stdout: 'begun\nended\n' });
    expect(await compose.waitForState(id, 'succeeded', 'failed', 'lost')).toMatchObject({
      state: 'succeeded',
      executed: 'yes',
    });
    expect(await compose.startsOf(id)).toBe(1);
  });

  it('loses nothing when the agent itself is killed: it is started again beside its scripts', async () => {
    const id = await compose.startHeld();
    await compose.inContainer('agent', 'kill -9 $(readlink /var/lib/scriptmesh/spool/lock | cut -d" " -f1)');
    await expect
      .poll(() => compose.bash('docker compose logs --no-color agent'), { timeout: 20_000 })
      .toContain('the agent ended with 137');
    await compose.letGo(id);
    expect(await compose.waitForState(id, 'succeeded', 'failed', 'lost')).toMatchObject({
      state: 'succeeded',
      executed: 'yes',
    });
    expect(await compose.startsOf(id)).toBe(1);
  });

  it('ends scripts in order with their container, and says so', async () => {
    const id = await compose.startHeld();
    await compose.bash('docker compose restart --timeout 20 agent');
    expect(await compose.waitForState(id, 'succeeded', 'failed', 'lost')).toMatchObject({
      state: 'failed',
      executed: 'yes',
      signal: 'SIGTERM',
      stdoutBytes: 6,
    });
    expect((await compose.cli('run', 'hello_world', '-a', 'agent-1')).code).toBe(0);
    expect(await compose.startsOf(id)).toBe(1);
  });

  it('calls a run lost whose container was killed', async () => {
    const id = await compose.startHeld();
    await compose.bash(`docker kill ${await compose.container('agent')} && docker compose up -d`);
    expect(await compose.waitForState(id, 'succeeded', 'failed', 'lost')).toMatchObject({
      state: 'lost',
      executed: 'yes',
      stdoutBytes: 6,
    });
    expect((await compose.cli('run', 'hello_world', '-a', 'agent-1')).code).toBe(0);
    expect(await compose.startsOf(id)).toBe(1);
  });

  it('reaps what scripts leave behind', async () => {
    expect((await compose.cli('run', 'orphan', '-a', 'agent-1')).stdout).toBe('left\n');
    const processes = 'cat /proc/[0-9]*/stat 2>/dev/null | cut -d" " -f2,3';
    await expect.poll(() => compose.inContainer('agent', processes), { timeout: 20_000 }).not.toMatch(/sleep| Z/);
  });

  it('comes back from `down` with the same keys and runs', async () => {
    const { stdout: before } = await compose.cli('runs', 'list', '-o', 'json');
    await compose.bash((BLOCKS.at(-1) as (typeof BLOCKS)[number]).text);
    await compose.bash('docker compose up -d');
    await expect.poll(() => compose.healthOf('orchestrator'), { timeout: 60_000 }).toBe('healthy');
    expect((await compose.cli('runs', 'list', '-o', 'json')).stdout).toBe(before);
  });
});

afterAll(() => compose.stop());
