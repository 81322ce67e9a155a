import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_NAME, Mesh, type TestScript } from './support/mesh.js';
import { until } from './support/program.js';

const SCRIPTS: readonly TestScript[] = [
  { file: 'hello.sh', text: '#!/bin/sh\necho "hello from $SM_AGENT"\necho "a word aside" >&2\n' },
  { file: 'fail.sh', text: '#!/bin/sh\necho "boom on stderr" >&2\nexit 3\n' },
  { file: 'shot.sh', text: '#!/bin/sh\nkill -9 $$\n' },
  { file: 'exit137.sh', text: '#!/bin/sh\nexit 137\n' },
  { file: 'slow.sh', text: '#!/bin/sh\necho begun\nexec sleep 600\n', entry: { timeoutSeconds: 1 } },
  { file: 'vanished.sh', text: '#!/bin/sh\n' },
  { file: 'params.sh', text: '#!/bin/sh\nprintf "%s|%s" "$SM_PARAM_HOST" "$SM_PARAM_COUNT"\n' },
  { file: 'stdin.sh', text: '#!/bin/sh\nif read -r line; then echo "got $line"; else echo end; fi\n' },
];

describe('an approved script, end to end with real programs', () => {
  const mesh = new Mesh();
  beforeAll(() => mesh.start(SCRIPTS));
  afterAll(() => mesh.stop());

  it('lists the agent that has registered itself', async () => {
    const agent = await mesh.getAgent();
    expect(agent).toMatchObject({ name: AGENT_NAME, liveness: 'online', transport: 'http' });
    expect(JSON.stringify(agent)).not.toContain('key');
  });

  it('shows the finished run and its output to a caller who prefers to wait', async () => {
    const run = await mesh.askForRun('hello', {}, { prefer: 'wait=30' });
    expect(run).toMatchObject({
      state: 'succeeded',
      executed: 'yes',
      exitCode: 0,
      signal: null,
      reason: null,
      truncated: false,
    });
    expect(run).toMatchObject({
      stdout: `hello from ${AGENT_NAME}\n`,
      stderr: 'a word aside\n',
      principal: 'operator:main',
      origin: 'api',
    });
  });

  it('accepts a run with 202 and its address when nobody waits', async () => {
    const answer = await mesh.call('POST', '/api/v1/runs', { agent: AGENT_NAME, script: 'hello' });
    const run = (await answer.json()) as { id: string };
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/api/v1/runs/${run.id}`);
    await mesh.waitForState(run.id, 'succeeded');
    expect(await mesh.output(run.id, 'stderr')).toBe('a word aside\n');
  });

  it('tells an exit code, a signal and an exit code that looks like a signal apart', async () => {
    const failed = await mesh.askForRun('fail', {}, { prefer: 'wait=30' });
    expect(failed).toMatchObject({
      state: 'failed',
      executed: 'yes',
      exitCode: 3,
      signal: null,
      stderr: 'boom on stderr\n',
    });
    const shot = await mesh.askForRun('shot', {}, { prefer: 'wait=30' });
    expect(shot).toMatchObject({ state: 'failed', executed: 'yes', exitCode: null, signal: 'SIGKILL' });
    const looksShot = await mesh.askForRun('exit137', {}, { prefer: 'wait=30' });
    expect(looksShot).toMatchObject({ state: 'failed', executed: 'yes', exitCode: 137, signal: null });
  });

  it('ends a script at its time limit and keeps what it wrote', async () => {
    const run = await mesh.askForRun('slow', {}, { prefer: 'wait=30' });
    expect(run).toMatchObject({ state: 'timed_out', executed: 'yes', stdout: 'begun\n' });
  });

  it('takes the smaller time limit of request and manifest', async () => {
    const run = await mesh.askForRun('slow', { timeoutSeconds: 3600 }, { prefer: 'wait=30' });
    expect(run.state).toBe('timed_out');
  });

  it('hands parameters over in the environment, as they are', async () => {
    const params = { host: '$(id); `x` && "q" | *', count: 3 };
    const run = await mesh.askForRun('params', { params }, { prefer: 'wait=30' });
    expect(run).toMatchObject({ state: 'succeeded', stdout: `${params.host}|3`, params });
  });

  it('gives scripts an end-of-file on stdin', async () => {
    expect(await mesh.askForRun('stdin', {}, { prefer: 'wait=30' })).toMatchObject({ stdout: 'end\n' });
  });

  it('answers 404 for a script that the manifest does not list, and makes no run', async () => {
    const answer = await mesh.call('POST', '/api/v1/runs', { agent: AGENT_NAME, script: 'nowhere' });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'script/not-found' });
  });

  it('rejects a run whose script file is gone and says that nothing was executed', async () => {
    rmSync(join(mesh.agentHome, 'scripts/vanished.sh'));
    const run = await mesh.askForRun('vanished', {}, { prefer: 'wait=30' });
    expect(run).toMatchObject({ state: 'rejected', executed: 'no', exitCode: null });
    expect(run.reason).toContain('vanished.sh');
  });

  it('puts an edited manifest in force without a restart', async () => {
    mesh.writeScripts([...SCRIPTS, { file: 'fresh.sh', text: '#!/bin/sh\necho fresh\n' }]);
    await mesh.waitForScripts(SCRIPTS.length + 1);
    expect(await mesh.askForRun('fresh', {}, { prefer: 'wait=30' })).toMatchObject({
      state: 'succeeded',
      stdout: 'fresh\n',
    });
  });

  it('gives the exit code of the script as its own and its output as it comes', async () => {
    const hello = await mesh.cli('run', 'hello', '-a', AGENT_NAME);
    expect(hello).toMatchObject({ code: 0, stdout: `hello from ${AGENT_NAME}\n` });
    expect(hello.stderr).toContain('a word aside');
    expect((await mesh.cli('run', 'fail', '-a', AGENT_NAME)).code).toBe(3);
    expect((await mesh.cli('run', 'shot', '-a', AGENT_NAME)).code).toBe(128 + 9);
    expect((await mesh.cli('run', 'slow', '-a', AGENT_NAME)).code).toBe(124);
    expect((await mesh.cli('run', 'nowhere', '-a', AGENT_NAME)).code).toBe(127);
  });

  it('starts again what a spool or a database holds without repeating it', async () => {
    const before = ((await (await mesh.call('GET', '/api/v1/runs?limit=100')).json()) as { items: unknown[] }).items;
    await mesh.agent.stop();
    await mesh.orchestrator.stop();
    await mesh.startOrchestrator();
    await mesh.startAgent();
    await until('the agent online', async () => (await mesh.getAgent()).liveness === 'online');
    const after = ((await (await mesh.call('GET', '/api/v1/runs?limit=100')).json()) as { items: unknown[] }).items;
    expect(after).toEqual(before);
  });
});
