import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Mesh, type TestScript } from './support/mesh.js';
import { until } from './support/program.js';
import { findSupervisor, killSupervisor } from './support/supervisor.js';

const HOME = 'home="$(dirname "$0")/.."\necho "$SM_RUN_ID" >> "$home/$SM_SCRIPT.starts"\n';
const PATIENT: TestScript = {
  file: 'patient.sh',
  text: `#!/bin/sh\n${HOME}echo begun\necho aside >&2\nwhile [ ! -e "$home/go" ]; do sleep 0.05; done\necho ended\nexit 7\n`,
};
/** Writes 40 MB of lines, and stops on the way for as long as there is no file `go`. */
const TALKATIVE: TestScript = {
  file: 'talkative.sh',
  text: `#!/bin/sh\n${HOME}seq 1 3000000\nwhile [ ! -e "$home/go" ]; do sleep 0.05; done\nseq 3000001 3200000\n`,
};
const TALK = createHash('sha256')
  .update(Array.from({ length: 3_200_000 }, (_, index) => `${index + 1}\n`).join(''))
  .digest('hex');
const COUNTED: TestScript = { file: 'counted.sh', text: `#!/bin/sh\n${HOME}echo counted\n` };
const DEVICES: TestScript = {
  file: 'devices.sh',
  text: '#!/bin/sh\necho one >/dev/stdout\necho two >/dev/stderr\necho three >>/dev/stdout\necho four | tee /dev/stderr\n',
};
const PATRICIDE: TestScript = {
  file: 'patricide.sh',
  text: `#!/bin/sh\n${HOME}echo begun\nwhile [ ! -e "$home/go" ]; do sleep 0.05; done\nkill -9 $PPID\nwhile [ ! -e "$home/stop" ]; do sleep 0.05; done\n`,
};
describe('the supervisor', () => {
  let mesh: Mesh;
  beforeEach(async () => {
    mesh = new Mesh();
    await mesh.start([PATIENT, TALKATIVE, COUNTED, DEVICES, PATRICIDE], {
      agent: { SCRIPT_MESH_KILL_GRACE_SECONDS: '1', SCRIPT_MESH_OUTPUT_MAX_BYTES: '100000000' },
    });
  });
  afterEach(() => mesh.stop());

  const touch = (name: string): void => mesh.touchInAgentHome(name);
  const supervisorLog = (): string => readFileSync(join(mesh.agentHome, 'logs/ScriptMesh-supervisor.log'), 'utf8');
  const begun = async (script: string): Promise<string> => {
    const run = await mesh.askForRun(script);
    await until('the first output', async () => (await mesh.getRun(run.id)).stdoutBytes > 0);
    return run.id;
  };
  const sizeOnDisk = (id: string): number =>
    statSync(join(mesh.agentHome, 'spool', id, 'stdout'), { throwIfNoEntry: false })?.size ?? 0;

  it('keeps a run through a kill of the agent, and its result is the true one', async () => {
    const id = await begun('patient');
    mesh.agent.kill('SIGKILL');
    await mesh.agent.ended;
    await mesh.startAgent();
    touch('go');
    expect(await mesh.waitForState(id, 'failed')).toMatchObject({ executed: 'yes', exitCode: 7, truncated: false });
    expect(await mesh.output(id)).toBe('begun\nended\n');
    expect(await mesh.output(id, 'stderr')).toBe('aside\n');
    expect(mesh.startsOf('patient')).toBe(1);
  });

  it('keeps a run through a stop and a new start of the agent, also when it ends in between', async () => {
    const [first, second] = [await begun('patient'), await begun('counted')];
    const supervisor = findSupervisor(mesh.agentHome);
    expect(await mesh.agent.stop()).toBe(0);
    touch('go');
    await until('the end of the script', () => existsSync(join(mesh.agentHome, 'spool', first, 'end')));
    await until('the end of the supervisor', () => findSupervisor(mesh.agentHome) === undefined);
    expect(supervisor).toBeDefined();
    await mesh.startAgent();
    expect(await mesh.waitForState(first, 'failed')).toMatchObject({ exitCode: 7, truncated: false });
    expect(await mesh.waitForState(second, 'succeeded')).toMatchObject({ exitCode: 0 });
    expect(await mesh.output(first)).toBe('begun\nended\n');
  });

  it('has every byte of a talkative script whose agent was killed while it wrote', async () => {
    const run = await mesh.askForRun('talkative');
    await until('some of the output', () => mesh.startsOf('talkative') === 1 && sizeOnDisk(run.id) > 1_000_000);
    mesh.agent.kill('SIGKILL');
    await mesh.agent.ended;
    await mesh.startAgent();
    touch('go');
    expect(await mesh.waitForState(run.id, 'succeeded')).toMatchObject({ truncated: false });
    expect(
      createHash('sha256')
        .update(await mesh.output(run.id))
        .digest('hex'),
    ).toBe(TALK);
  });

  it('is replaced when it was killed: its run goes on, is read to the end, and is lost as executed', async () => {
    const id = await begun('patient');
    await killSupervisor(mesh.agentHome);
    await until('the adoption', () => supervisorLog().includes('run.adopted'));
    touch('go');
    const lost = await mesh.waitForState(id, 'lost');
    expect(lost).toMatchObject({ executed: 'yes', exitCode: null });
    expect(lost.reason).toContain('supervisor');
    await until('the last output', async () => (await mesh.output(id)) === 'begun\nended\n');
    expect(mesh.startsOf('patient')).toBe(1);
    expect(await mesh.askForRun('counted', {}, { prefer: 'wait=30' })).toMatchObject({ state: 'succeeded' });
  });

  it('is survived by the agent when a script kills it, and that run is lost as executed', async () => {
    const id = await begun('patricide');
    touch('go');
    await until('the adoption', () => supervisorLog().includes('run.adopted'));
    touch('stop');
    expect(await mesh.waitForState(id, 'lost')).toMatchObject({ executed: 'yes' });
    expect(await mesh.askForRun('counted', {}, { prefer: 'wait=30' })).toMatchObject({ state: 'succeeded' });
  });

  it('lets scripts write to /dev/stdout and /dev/stderr', async () => {
    const run = await mesh.askForRun('devices', {}, { prefer: 'wait=30' });
    expect(run).toMatchObject({ state: 'succeeded', exitCode: 0 });
    expect([await mesh.output(run.id), await mesh.output(run.id, 'stderr')]).toEqual([
      'one\nthree\nfour\n',
      'two\nfour\n',
    ]);
  });

  it('leaves nothing of a run in the spool, and nothing of itself when the agent has gone', async () => {
    const run = await mesh.askForRun('counted', {}, { prefer: 'wait=30' });
    await until('the settled run', () => readdirSync(join(mesh.agentHome, 'spool', run.id)).join() === 'done');
    expect(await mesh.agent.stop()).toBe(0);
    await until('the end of the supervisor', () => findSupervisor(mesh.agentHome) === undefined);
    expect(readdirSync(join(mesh.agentHome, 'spool')).toSorted()).toEqual([
      run.id,
      'agent-id',
      'journal.json',
      'supervisor',
    ]);
    expect(readdirSync(join(mesh.agentHome, 'spool/supervisor')).toSorted()).toEqual(['claims', 'pipes']);
    expect(readdirSync(join(mesh.agentHome, 'spool/supervisor/claims'))).toEqual([]);
  });

  it('is started with nothing of ours: neither keys nor settings are in its environment', async () => {
    await until('the supervisor', () => findSupervisor(mesh.agentHome) !== undefined);
    const environment = readFileSync(`/proc/${findSupervisor(mesh.agentHome)?.pid}/environ`, 'latin1');
    expect(environment.split('\0').filter(Boolean).toSorted()).toEqual(['LANG=C.UTF-8', 'PATH=/usr/bin:/bin']);
  });
});
