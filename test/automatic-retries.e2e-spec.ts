import { join } from 'node:path';
import type { Page, RunResource } from '@scriptmesh/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_NAME, Mesh, type TestScript } from './support/mesh.js';

/** Fails until its marker is there, and puts it there. */
const FAILS_ONCE =
  '#!/bin/sh\n[ -e "$SM_PARAM_MARKER" ] && { echo again; exit 0; }\n: > "$SM_PARAM_MARKER"\necho first\nexit 3\n';
const SCRIPTS: readonly TestScript[] = [
  { file: 'harmless.sh', text: FAILS_ONCE, entry: { idempotent: true } },
  { file: 'careful.sh', text: FAILS_ONCE },
];

describe('runs that are tried again automatically, with real programs', () => {
  const mesh = new Mesh();
  beforeAll(() => mesh.start(SCRIPTS));
  afterAll(() => mesh.stop());

  const attemptsAfter = async (id: string): Promise<readonly RunResource[]> =>
    ((await (await mesh.call('GET', `/api/v1/runs?retryOf=${id}`)).json()) as Page<RunResource>).items;

  it('tries a harmless script again; the command line follows it and ends with the last exit code', async () => {
    const marker = join(mesh.folder, 'harmless');
    const cli = await mesh.cli('run', 'harmless', '-a', AGENT_NAME, '-p', `marker=${marker}`, '--retries', '2');
    expect(cli).toMatchObject({ code: 0, stdout: 'first\nagain\n' });
    expect(cli.stderr).toMatch(/failed \(exit 3\); attempt 2 of 3 is run /);
  });

  it('leaves a script alone whose manifest does not say that it does no harm, and explains it', async () => {
    const run = await mesh.askForRun('careful', { params: { marker: join(mesh.folder, 'careful') }, retries: 2 });
    const ended = await mesh.waitForState(run.id, 'failed');
    expect(ended).toMatchObject({ state: 'failed', exitCode: 3, retries: 2, attempt: 1, retriedBy: null });
    expect(await attemptsAfter(run.id)).toEqual([]);
    const explained = await (await mesh.call('GET', `/api/v1/runs/${run.id}/explain`)).json();
    expect(explained).toMatchObject({ summary: expect.stringContaining('not tried again') });
  });
});
