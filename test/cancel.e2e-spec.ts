import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResource } from '@scriptmesh/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_NAME, Mesh, type TestScript } from './support/mesh.js';
import { until } from './support/program.js';

/** Each writes its process id where the test finds it. */
const SCRIPTS: readonly TestScript[] = [
  { file: 'sleeper.sh', text: '#!/bin/sh\necho $$ > "$SM_PARAM_PIDFILE"\necho begun\nexec sleep 600\n' },
  {
    file: 'stubborn.sh',
    text: '#!/bin/sh\ntrap "" TERM\necho $$ > "$SM_PARAM_PIDFILE"\nwhile :; do sleep 0.1; done\n',
  },
  {
    file: 'gentle.sh',
    text: '#!/bin/sh\ntrap "echo tidied; exit 7" TERM\necho $$ > "$SM_PARAM_PIDFILE"\nwhile :; do sleep 0.05; done\n',
  },
  { file: 'quick.sh', text: '#!/bin/sh\necho done\n' },
];

describe('cancelling and retrying, with real programs', () => {
  const mesh = new Mesh();
  beforeAll(() => mesh.start(SCRIPTS, { agent: { SCRIPT_MESH_KILL_GRACE_SECONDS: '1' } }));
  afterAll(() => mesh.stop());

  const cancel = (id: string, headers: Record<string, string> = {}) =>
    mesh.call('POST', `/api/v1/runs/${id}/cancel`, { why: 'enough' }, headers);

  let begun = 0;
  /** Starts a script and waits until it is really there. */
  async function begin(script: string): Promise<{ readonly run: RunResource; readonly pid: number }> {
    const pidFile = join(mesh.folder, `${script}-${(begun += 1)}.pid`);
    const run = await mesh.askForRun(script, { params: { pidfile: pidFile } });
    const text = (): string => (existsSync(pidFile) ? readFileSync(pidFile, 'utf8') : '');
    await until(`${script} to have begun`, () => text().endsWith('\n'));
    return { run, pid: Number(text()) };
  }

  function isAlive(pid: number): boolean {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  }

  it('kills a script that runs, and keeps what it wrote', async () => {
    const { run, pid } = await begin('sleeper');
    const answer = await cancel(run.id, { prefer: 'wait=30' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      state: 'cancelled',
      executed: 'yes',
      signal: 'SIGTERM',
      cancelRequested: true,
      reason: 'cancelled while it was running: enough',
      stdout: 'begun\n',
    });
    expect(isAlive(pid)).toBe(false);
    const again = await cancel(run.id);
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ code: 'run/already-final' });
  });

  it('kills a script that does not heed TERM when its grace is over', async () => {
    const { run, pid } = await begin('stubborn');
    const answer = await cancel(run.id, { prefer: 'wait=30' });
    expect(await answer.json()).toMatchObject({ state: 'cancelled', executed: 'yes', signal: 'SIGKILL' });
    expect(isAlive(pid)).toBe(false);
  });

  it('lets a script tidy up, and shows how it ended', async () => {
    const { run } = await begin('gentle');
    const answer = await cancel(run.id, { prefer: 'wait=30' });
    expect(await answer.json()).toMatchObject({
      state: 'cancelled',
      executed: 'yes',
      exitCode: 7,
      signal: null,
      stdout: 'tidied\n',
    });
  });

  it('lets the real result win when the script ends first, whichever is heard of first', async () => {
    const racing = await Promise.all(Array.from({ length: 8 }, () => mesh.askForRun('quick')));
    const answers = await Promise.all(racing.map(({ id }) => cancel(id)));
    for (const [n, { id }] of racing.entries()) {
      const run = await mesh.waitForState(id, 'succeeded', 'cancelled');
      if (run.state === 'succeeded') expect(run).toMatchObject({ executed: 'yes', exitCode: 0 });
      // Before its start, or in the moment between its start and its end.
      else expect(run.cancelRequested).toBe(true);
      if (run.executed === 'yes' && run.exitCode === 0) expect(await mesh.output(id)).toBe('done\n');
      if (run.executed === 'no') expect(await mesh.output(id)).toBe('');
      expect(answers[n]?.status).toBe(run.cancelRequested ? 202 : 409);
    }
  });

  it('cancels from the command line and retries what has ended', async () => {
    const { run } = await begin('sleeper');
    const cancelled = await mesh.cli('runs', 'cancel', run.id, '--wait', '-o', 'json');
    expect(cancelled.code).toBe(0);
    expect(JSON.parse(cancelled.stdout)).toMatchObject({ items: [{ id: run.id, state: 'cancelled' }] });
    expect((await mesh.cli('runs', 'cancel', run.id)).code).toBe(5);

    const quick = await mesh.askForRun('quick', {}, { prefer: 'wait=30' });
    const retried = await mesh.cli('runs', 'retry', quick.id, '--wait');
    expect(retried).toMatchObject({ code: 0, stdout: 'done\n' });
    const found = (await (await mesh.call('GET', `/api/v1/runs?retryOf=${quick.id}`)).json()) as {
      items: RunResource[];
    };
    expect(found.items).toMatchObject([{ retryOf: quick.id, state: 'succeeded' }]);
  });

  it('answers a request that is repeated with the same run, across a restart', async () => {
    const headers = { 'idempotency-key': 'e2e' };
    const runs = await Promise.all(Array.from({ length: 50 }, () => mesh.askForRun('quick', {}, headers)));
    const ids = new Set(runs.map(({ id }) => id));
    expect(ids.size).toBe(1);
    await mesh.orchestrator.stop();
    await mesh.startOrchestrator();
    const again = await mesh.askForRun('quick', {}, { ...headers, prefer: 'wait=30' });
    expect(ids).toContain(again.id);
    expect(again).toMatchObject({ state: 'succeeded', stdout: 'done\n' });
    const other = await mesh.call('POST', '/api/v1/runs', { agent: AGENT_NAME, script: 'sleeper' }, headers);
    expect(other.status).toBe(422);
  });

  it('cancels a run of an agent that is away at once: it was never started', async () => {
    await mesh.agent.stop();
    const { id } = await mesh.askForRun('quick');
    await mesh.waitForState(id, 'queued');
    const answer = await cancel(id);
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ state: 'cancelled', executed: 'no' });
    await mesh.startAgent();
    expect(await mesh.askForRun('quick', {}, { prefer: 'wait=30' })).toMatchObject({ state: 'succeeded' });
    expect(await mesh.getRun(id)).toMatchObject({ state: 'cancelled', executed: 'no' });
    expect(await mesh.output(id)).toBe('');
  });
});
