import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Mesh, type TestScript } from './support/mesh.js';
import { until } from './support/program.js';
import { findSupervisor } from './support/supervisor.js';

const HOME = 'home="$(dirname "$0")/.."\necho "$SM_RUN_ID" >> "$home/$SM_SCRIPT.starts"\n';
const HOLD: TestScript = {
  file: 'hold.sh',
  text: `#!/bin/sh\n${HOME}echo begun\nwhile [ ! -e "$home/go" ]; do sleep 0.05; done\n`,
};
const REMOVE_RUN: TestScript = {
  file: 'remove_run.sh',
  text: `#!/bin/sh\n${HOME}rm -rf "$home/spool/$SM_RUN_ID"\n`,
};
const REMOVE_ALL: TestScript = { file: 'remove_all.sh', text: `#!/bin/sh\n${HOME}rm -rf "$home/spool"\n` };

describe('a script that removes what its agent remembers', () => {
  let mesh: Mesh;
  beforeEach(async () => {
    mesh = new Mesh();
    await mesh.start([HOLD, REMOVE_RUN, REMOVE_ALL]);
  });
  afterEach(() => mesh.stop());

  it("loses its own run by removing its folder, and nobody else's, also over a restart of the agent", async () => {
    const held = await mesh.askForRun('hold');
    await until('the other script', () => mesh.startsOf('hold') === 1);
    const lost = await mesh.askForRun('remove_run', {}, { prefer: 'wait=30' });
    expect(lost).toMatchObject({ state: 'lost', executed: 'yes', exitCode: null });
    expect(lost.reason).toContain('removed from the spool');
    await until('the settled run', () => existsSync(join(mesh.agentHome, 'spool', lost.id, 'done')));
    expect(await mesh.agent.stop()).toBe(0);
    await mesh.startAgent();
    mesh.touchInAgentHome('go');
    expect(await mesh.waitForState(held.id, 'succeeded')).toMatchObject({ exitCode: 0 });
    expect([mesh.startsOf('hold'), mesh.startsOf('remove_run')]).toEqual([1, 1]);
  });

  it('ends the agent by removing all of it; the next start begins a journal of its own, and nothing runs twice', async () => {
    const held = await mesh.askForRun('hold');
    await until('the other script', () => mesh.startsOf('hold') === 1);
    const old = findSupervisor(mesh.agentHome);
    const removed = await mesh.askForRun('remove_all');
    expect(await mesh.agent.ended).toMatchObject({ code: 1 });
    expect(mesh.agent.output.stderr + mesh.agent.output.stdout).toContain('was removed or replaced');
    mesh.touchInAgentHome('go');
    await mesh.startAgent();
    for (const { id } of [held, removed]) expect(await mesh.waitForState(id, 'lost', 'succeeded')).toBeDefined();
    expect(await mesh.waitForState(held.id, 'lost')).toMatchObject({ executed: 'yes' });
    expect(await mesh.askForRun('hold', {}, { prefer: 'wait=30' })).toMatchObject({ state: 'succeeded' });
    expect([mesh.startsOf('hold'), mesh.startsOf('remove_all')]).toEqual([2, 1]);
    await until('the end of the old supervisor', () => !existsSync(`/proc/${old?.pid}`), 30_000);
  });
});
