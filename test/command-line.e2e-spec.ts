import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_NAME, Mesh } from './support/mesh.js';
import { Program, ROOT, runCli, until } from './support/program.js';

// Ends when the file `go` is there.
const PATIENT = {
  file: 'patient.sh',
  text: '#!/bin/sh\necho begun\nwhile [ ! -e "$(dirname "$0")/../go" ]; do sleep 0.05; done\necho ended\n',
};

describe('the command line against real programs', () => {
  const mesh = new Mesh();
  beforeAll(() => mesh.start([{ file: 'hello.sh', text: '#!/bin/sh\necho hello\n' }, PATIENT]));
  afterAll(() => mesh.stop());

  it.each([
    [['agents', 'list', '-o', 'name'], AGENT_NAME],
    [['agents', 'show', AGENT_NAME, '-o', 'name'], AGENT_NAME],
    [['scripts', 'list', '-o', 'name'], 'hello\npatient'],
    [['scripts', 'list', '-a', AGENT_NAME, '-o', 'name'], 'hello\npatient'],
  ])('%j prints the name alone', async (words, printed) => {
    expect(await mesh.cli(...words)).toMatchObject({ code: 0, stdout: `${printed}\n` });
  });

  it('prints JSON that parses and one line for each item as ndjson', async () => {
    const json = await mesh.cli('agents', 'list', '-o', 'json');
    expect(JSON.stringify(JSON.parse(json.stdout))).toContain(AGENT_NAME);
    const lines = (await mesh.cli('agents', 'list', '-o', 'ndjson')).stdout.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { name: string }).name)).toEqual([AGENT_NAME]);
  });

  it('labels an agent and shows a run and its output', async () => {
    expect((await mesh.cli('agents', 'label', AGENT_NAME, 'site=north')).code).toBe(0);
    expect((await mesh.getAgent()).labels).toEqual({ site: 'north' });
    const run = await mesh.askForRun('hello', {}, { prefer: 'wait=30' });
    expect((await mesh.cli('runs', 'list', '-o', 'name')).stdout).toContain(run.id);
    expect((await mesh.cli('runs', 'show', run.id, '-o', 'json')).stdout).toContain('succeeded');
    expect(await mesh.cli('runs', 'output', run.id)).toMatchObject({ code: 0, stdout: 'hello\n' });
    expect((await mesh.cli('status')).code).toBe(0);
  });

  it('shows the output of a run as it comes, and Ctrl-C or TERM leaves the run alone and says how to come back', async () => {
    const env = { ORCHESTRATOR_URL: mesh.url, SCRIPT_MESH_API_KEY: mesh.mainKey };
    const words = [join(ROOT, 'bin/scriptmesh.mjs'), 'run', 'patient', '-a', AGENT_NAME];
    const following = new Program(words, env, ROOT);
    const interrupted = new Program(words, env, ROOT);
    const told = new Program(words, env, ROOT);
    for (const cli of [following, interrupted, told])
      await until('the first line', () => cli.output.stdout === 'begun\n');
    expect(await interrupted.stop('SIGINT')).toBe(130);
    expect(await told.stop('SIGTERM')).toBe(130);
    expect(told.output.stderr).toMatch(/runs output [0-9a-f-]{36}/);
    const id = /runs output ([0-9a-f-]{36})/.exec(interrupted.output.stderr)?.[1] as string;
    expect(await mesh.getRun(id)).toMatchObject({ state: 'running' });
    writeFileSync(join(mesh.agentHome, 'go'), '');
    expect(await following.ended).toMatchObject({ code: 0 });
    expect(following.output.stdout).toBe('begun\nended\n');
    expect(await mesh.waitForState(id, 'succeeded')).toMatchObject({ executed: 'yes' });
  });

  it.each([
    ['an unknown command', ['nonsense'], 2],
    ['an unknown sub-command', ['agents', 'nonsense'], 2],
    ['an argument too many', ['agents', 'show', AGENT_NAME, 'more'], 2],
    ['a value that is not offered', ['agents', 'list', '-o', 'xml'], 2],
    ['an agent that does not exist', ['agents', 'show', 'nobody'], 3],
    ['a run that does not exist', ['runs', 'show', '00000000-0000-7000-8000-000000000000'], 3],
    ['a script that does not exist', ['run', 'nothing', '-a', AGENT_NAME], 127],
  ])('ends with its own exit code on %s', async (_what, words, code) => {
    const result = await mesh.cli(...words);
    expect(result.code).toBe(code);
    expect(result.stdout).toBe('');
    expect(result.stderr).not.toBe('');
  });

  it('ends with 4 on a wrong key and with 6 on an orchestrator that does not answer', async () => {
    const wrongKey = { ORCHESTRATOR_URL: mesh.url, SCRIPT_MESH_API_KEY: 'w'.repeat(43) };
    expect((await runCli(['agents', 'list'], wrongKey)).code).toBe(4);
    const nobody = { ORCHESTRATOR_URL: 'http://127.0.0.1:9', SCRIPT_MESH_API_KEY: mesh.mainKey };
    const unreachable = await runCli(['agents', 'list'], nobody);
    expect(unreachable.code).toBe(6);
    expect(unreachable.stderr).toContain('127.0.0.1:9');
  });

  it('removes an agent, whose key is worth nothing from then on', async () => {
    const { readFileSync } = await import('node:fs');
    const agent = await mesh.getAgent();
    const key = readFileSync(`${mesh.agentHome}/cfg/agent.key`, 'utf8').trim();
    await mesh.agent.stop();
    expect((await mesh.cli('agents', 'remove', AGENT_NAME)).code).toBe(0);
    const frames = await mesh.call('POST', `/api/v1/agents/${agent.id}/frames`, undefined, { 'x-api-key': key });
    expect(frames.status).toBe(401);
    expect((await mesh.cli('agents', 'show', AGENT_NAME)).code).toBe(3);
  });
});
