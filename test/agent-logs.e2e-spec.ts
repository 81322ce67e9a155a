import { appendFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogResource, Page } from '@scriptmesh/contracts';
import { AGENT_NAME, Mesh } from './support/mesh.js';
import { Program, ROOT, until } from './support/program.js';

const LOGS = `/api/v1/agents/${AGENT_NAME}/logs`;

describe('the logs of a node, end to end with real programs', () => {
  const mesh = new Mesh();
  let log: string;
  beforeAll(async () => {
    // A known manifest says that the agent has been welcomed and answers.
    await mesh.start([{ file: 'hello.sh', text: '#!/bin/sh\n' }]);
    log = join(mesh.agentHome, 'logs/app.log');
    mkdirSync(join(mesh.agentHome, 'logs'), { recursive: true });
    writeFileSync(log, '2026-01-01T10:00:00Z one\n2026-01-01T11:00:00Z two\n  more\n');
    symlinkSync('/etc/passwd', join(mesh.agentHome, 'logs/link.log'));
    const logs = [
      { name: 'app', path: 'logs/app.log' },
      { name: 'link', path: 'logs/link.log' },
      { name: 'up', path: '../x' },
    ];
    writeFileSync(join(mesh.agentHome, 'cfg/log_manifest.json'), JSON.stringify({ logs }));
  });
  afterAll(() => mesh.stop());

  it('are listed as the manifest of the node names them', async () => {
    const page = (await (await mesh.call('GET', LOGS)).json()) as Page<LogResource> & { manifestFaults: string[] };
    expect(page.items.map(({ name }) => name)).toEqual(['scriptmesh-agent', 'app', 'link']);
    expect(page.manifestFaults).toEqual([expect.stringMatching(/^logs\[2\]\.path: /)]);
    expect((await mesh.cli('agents', 'logs', AGENT_NAME, '-o', 'name')).stdout).toBe('scriptmesh-agent\napp\nlink\n');
  });

  it('are read from the end, by time, and never through a link', async () => {
    expect(await (await mesh.call('GET', `${LOGS}/app?tail=1`)).text()).toBe('  more\n');
    expect(await (await mesh.call('GET', `${LOGS}/app?since=2026-01-01T10:30:00Z`)).text()).toBe(
      '2026-01-01T11:00:00Z two\n  more\n',
    );
    expect((await mesh.call('GET', `${LOGS}/link`)).status).toBe(422);
    expect((await mesh.call('GET', `${LOGS}/nothing`)).status).toBe(404);
    const printed = await mesh.cli('agents', 'logs', AGENT_NAME, 'app', '--until', '2026-01-01T10:30:00Z');
    expect(printed).toMatchObject({ code: 0, stdout: '2026-01-01T10:00:00Z one\n' });
  });

  it('are followed: an appended line comes, and Ctrl-C ends quietly', async () => {
    const cli = new Program(
      [join(ROOT, 'bin/scriptmesh.mjs'), 'agents', 'logs', AGENT_NAME, 'app', '-f', '--tail', '1'],
      { ORCHESTRATOR_URL: mesh.url, SCRIPT_MESH_API_KEY: mesh.mainKey },
      ROOT,
    );
    await until('the last line', () => cli.output.stdout === '  more\n');
    appendFileSync(log, 'appended\n');
    await until('the appended line', () => cli.output.stdout === '  more\nappended\n');
    cli.kill('SIGINT');
    expect((await cli.ended).code).toBe(130);
    expect(cli.output.stderr).toBe('');
  });

  it('of an agent that is down are 503 with what to do', async () => {
    await mesh.agent.stop();
    const answer = await mesh.call('GET', LOGS);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      code: 'agent/unreachable',
      hint: expect.stringContaining('agents show'),
    });
  });
});
