import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunResource } from '@scriptmesh/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_NAME, Mesh } from './support/mesh.js';
import { runCli, startProgram } from './support/program.js';

const AGENT_KEY = 'canary-agent-key-0123456789-abcdefghijk';
const PARAM = 'canary-parameter-value';
const OUTPUT = 'canary-script-output';
const LINE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \| (DEBUG|INFO|WARN|ERROR) \| (orchestrator|agent|controller) \| \S/;

const SCRIPT = {
  file: 'told.sh',
  text: `#!/bin/sh\necho ${OUTPUT}\n`,
};

describe('log files', () => {
  const mesh = new Mesh();
  const logOf = (program: 'orchestrator' | 'agent' | 'controller'): string => {
    const home = program === 'agent' ? mesh.agentHome : mesh.orchestratorHome;
    return readFileSync(join(home, 'logs', `ScriptMesh-${program}.log`), 'utf8');
  };
  const linesOf = (...given: Parameters<typeof logOf>): readonly string[] =>
    logOf(...given)
      .trimEnd()
      .split('\n');
  let run: RunResource;
  let requestId: string;
  let mainKey: string;

  beforeAll(async () => {
    await mesh.start([SCRIPT], {
      orchestrator: { SCRIPT_MESH_LOG_LEVEL: 'debug' },
      agent: { SCRIPT_MESH_LOG_LEVEL: 'debug', SCRIPT_MESH_AGENT_KEY: AGENT_KEY },
    });
    mainKey = mesh.mainKey;
    const body = { agent: AGENT_NAME, script: 'told', params: { word: PARAM } };
    const answer = await mesh.call('POST', '/api/v1/runs', body, { prefer: 'wait=30' });
    requestId = answer.headers.get('x-request-id') as string;
    run = (await answer.json()) as RunResource;
    await mesh.call('GET', `/api/v1/runs?x-api-key=${mainKey}`, undefined, { 'x-api-key': `${mainKey}x` });
    const env = { SCRIPT_MESH_HOME: mesh.orchestratorHome, ORCHESTRATOR_URL: mesh.url };
    await runCli(['runs', 'show', run.id], env);
    await runCli(['run', 'not_there', '-a', AGENT_NAME, '-p', `word=${PARAM}`], env);
    await mesh.agent.stop();
    await mesh.orchestrator.stop();
  });
  afterAll(() => mesh.stop());

  it('have a line of 0.2 for each event, of all three programs', () => {
    expect(run).toMatchObject({ state: 'succeeded' });
    for (const program of ['orchestrator', 'agent', 'controller'] as const) {
      expect(linesOf(program).filter((line) => !LINE.test(line))).toEqual([]);
    }
  });

  it('tie the request to its run, and the run to what the agent did', () => {
    const asked = linesOf('orchestrator').find((line) => line.includes(`requestId=${requestId}`));
    expect(asked).toContain(`runId=${run.id}`);
    const onAgent = linesOf('agent').filter((line) => line.includes(`runId=${run.id}`));
    expect(onAgent.some((line) => line.includes('run.accepted'))).toBe(true);
    expect(onAgent.some((line) => line.includes('run.ended'))).toBe(true);
  });

  it('hold the last lines of a graceful stop', () => {
    expect(linesOf('orchestrator').some((line) => line.includes('orchestrator.stopping signal=SIGTERM'))).toBe(true);
    expect(linesOf('agent').some((line) => line.includes('agent.stopping signal=SIGTERM'))).toBe(true);
  });

  it('name commands and exit codes', () => {
    expect(linesOf('controller').map((line) => line.replace(/^.*controller \| /, ''))).toEqual([
      'command.ended command="runs show" exitCode=0',
      expect.stringMatching(/^command\.failed command=run exitCode=127 code=script\/not-found requestId=\S+$/),
    ]);
  });

  it('hold no key, no parameter and no output, in files or on the console', () => {
    const fernetKey = readFileSync(join(mesh.orchestratorHome, 'cfg/fernet.key'), 'utf8').trim();
    const texts = [logOf('orchestrator'), logOf('agent'), logOf('controller')];
    const consoles = [mesh.orchestrator.output.stderr, mesh.agent.output.stderr];
    for (const text of [...texts, ...consoles]) {
      expect(text.length).toBeGreaterThan(100);
      for (const canary of [mainKey, fernetKey, AGENT_KEY, PARAM, OUTPUT]) expect(text).not.toContain(canary);
    }
  });

  it('are for their owner only', () => {
    for (const home of [mesh.orchestratorHome, mesh.agentHome]) {
      expect(statSync(join(home, 'logs')).mode & 0o777).toBe(0o700);
      for (const name of readdirSync(join(home, 'logs')))
        expect(statSync(join(home, 'logs', name)).mode & 0o777).toBe(0o600);
    }
  });
});

describe('without a place for log files', () => {
  it('the orchestrator runs, and says so on the console', async () => {
    const home = mkdtempSync(join(tmpdir(), 'scriptmesh-e2e-'));
    writeFileSync(join(home, 'logs'), 'in the way');
    const orchestrator = startProgram('orchestrator', home, { SCRIPT_MESH_PORT: '0' });
    const url = await orchestrator.ready();
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect(await orchestrator.stop()).toBe(0);
    expect(orchestrator.output.stderr).toContain('log.file-failed');
    const cli = await runCli(['agents', 'list'], { SCRIPT_MESH_HOME: home, ORCHESTRATOR_URL: 'http://127.0.0.1:9' });
    expect(cli.code).toBe(6);
    rmSync(home, { recursive: true });
  });
});
