import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AGENT_NAME, Mesh, type TestScript } from './support/mesh.js';
import { until } from './support/program.js';

// Each start leaves a line outside the spool, so that a second start cannot hide. The script ends when the file `go` is there.
const COUNTED: TestScript = {
  file: 'counted.sh',
  text: '#!/bin/sh\necho "$SM_RUN_ID" >> "$(dirname "$0")/../counted.starts"\necho counted\n',
};
const PATIENT: TestScript = {
  file: 'patient.sh',
  text: '#!/bin/sh\nhome="$(dirname "$0")/.."\necho "$SM_RUN_ID" >> "$home/patient.starts"\necho begun\nwhile [ ! -e "$home/go" ]; do sleep 0.05; done\necho ended\n',
};

/** Reads a stream until `words` have come, or to its end if none are given. Rejects when the stream ends without them. */
async function readUntil(reader: ReadableStreamDefaultReader<string>, words?: string): Promise<string> {
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done && words !== undefined) throw new Error(`the stream ended without "${words}": ${text}`);
    if (done) return text;
    text += value;
    if (words !== undefined && text.includes(words)) return text;
  }
}

describe('runs and restarts', () => {
  let mesh: Mesh;
  afterEach(() => mesh.stop());

  it('keeps a run for an agent that is away and runs it once when the agent is back', async () => {
    mesh = new Mesh();
    await mesh.start([COUNTED]);
    await mesh.agent.stop();
    const run = await mesh.askForRun('counted');
    expect((await mesh.getRun(run.id)).state).toMatch(/queued|dispatched/);
    await mesh.startAgent();
    expect(await mesh.waitForState(run.id, 'succeeded')).toMatchObject({ executed: 'yes', exitCode: 0 });
    expect(await mesh.output(run.id)).toBe('counted\n');
    expect(mesh.startsOf('counted')).toBe(1);
  });

  it('lets a run expire, not executed, when its agent stays away past deliverBy', async () => {
    mesh = new Mesh();
    await mesh.start([COUNTED]);
    await mesh.agent.stop();
    const run = await mesh.askForRun('counted', { deliverWithinSeconds: 1 });
    expect(await mesh.waitForState(run.id, 'expired')).toMatchObject({ executed: 'no' });
    await mesh.startAgent();
    await until('the agent online', async () => (await mesh.getAgent()).liveness === 'online');
    expect(mesh.startsOf('counted')).toBe(0);
  });

  it('brings the result home when the orchestrator was restarted in the middle of a run', async () => {
    mesh = new Mesh();
    await mesh.start([PATIENT]);
    const run = await mesh.askForRun('patient');
    await until('the start of the script', () => mesh.startsOf('patient') === 1);
    mesh.orchestrator.kill('SIGKILL');
    await mesh.orchestrator.ended;
    writeFileSync(join(mesh.agentHome, 'go'), '');
    await mesh.startOrchestrator();
    expect(await mesh.waitForState(run.id, 'succeeded')).toMatchObject({
      executed: 'yes',
      exitCode: 0,
      truncated: false,
    });
    expect(await mesh.output(run.id)).toBe('begun\nended\n');
    expect(mesh.startsOf('patient')).toBe(1);
  });

  it('answers those who wait when the orchestrator stops, and the run goes on', async () => {
    mesh = new Mesh();
    await mesh.start([PATIENT]);
    const { id } = await mesh.askForRun('patient');
    const asked = mesh.call('POST', '/api/v1/runs', { agent: AGENT_NAME, script: 'patient' }, { prefer: 'wait=60' });
    const legacy = mesh.call('POST', '/trigger-script', { agent: AGENT_NAME, script: 'patient' });
    const followed = await mesh.call('GET', `/api/v1/runs/${id}/output`, undefined, { accept: 'text/event-stream' });
    const follower = followed.body!.pipeThrough(new TextDecoderStream()).getReader();
    const begun = await readUntil(follower, 'begun');
    // A script is at work a moment before the orchestrator hears of it.
    await until('three runs at work', async () => {
      const { items } = (await (await mesh.call('GET', '/api/v1/runs?state=running')).json()) as { items: unknown[] };
      return items.length === 3;
    });

    expect(await mesh.orchestrator.stop()).toBe(0);

    const answer = await asked;
    expect([answer.status, answer.headers.get('location')]).toEqual([202, expect.stringContaining('/api/v1/runs/')]);
    expect(await answer.json()).toMatchObject({ state: 'running' });
    expect(await (await legacy).json()).toEqual({ detail: expect.stringContaining('the orchestrator is stopping') });
    expect(begun + (await readUntil(follower))).not.toContain('event: end');
    expect(mesh.orchestrator.output.stderr).not.toContain('being closed');
    writeFileSync(join(mesh.agentHome, 'go'), '');
    await mesh.startOrchestrator();
    await mesh.waitForState(id, 'succeeded');
    expect(await mesh.output(id)).toBe('begun\nended\n');
  });

  it('goes on after an agent restart: the next run is delivered to the same agent', async () => {
    mesh = new Mesh();
    await mesh.start([COUNTED]);
    const before = await mesh.getAgent();
    await mesh.agent.stop();
    await mesh.startAgent();
    expect(await mesh.askForRun('counted', {}, { prefer: 'wait=30' })).toMatchObject({ state: 'succeeded' });
    expect((await mesh.getAgent()).id).toBe(before.id);
  });

  it('registers again when the orchestrator has lost its database', async () => {
    mesh = new Mesh();
    await mesh.start([COUNTED]);
    await mesh.orchestrator.stop();
    const { rmSync, readdirSync } = await import('node:fs');
    for (const file of readdirSync(mesh.orchestratorHome).filter((name) => name.includes('sqlite'))) {
      rmSync(join(mesh.orchestratorHome, file));
    }
    await mesh.startOrchestrator();
    await mesh.waitForScripts(1);
    expect(existsSync(join(mesh.orchestratorHome, 'cfg/fernet.key'))).toBe(true);
    expect(await mesh.askForRun('counted', {}, { prefer: 'wait=30' })).toMatchObject({ state: 'succeeded' });
  });
});
