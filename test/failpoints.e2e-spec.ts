import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Mesh } from './support/mesh.js';
import { startProgram } from './support/program.js';

describe.each(['orchestrator', 'agent'] as const)('failpoints of the built %s', (name) => {
  let home = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'scriptmesh-e2e-'));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  it.each([
    ['in production mode', { SCRIPT_MESH_FAILPOINT: 'store.committed:kill' }, 'the mode is production'],
    [
      'with an unknown point',
      { SCRIPT_MESH_FAILPOINT: 'store.gone:kill', SCRIPT_MESH_MODE: 'development' },
      'there is no point "store.gone"',
    ],
  ])('end it with exit code 78 %s', async (_when, env, why) => {
    const program = startProgram(name, home, env);
    expect(await program.ended).toEqual({ code: 78, signal: null });
    expect(program.output.stderr).toMatch(/^ {2}SCRIPT_MESH_FAILPOINT: /m);
    expect(program.output.stderr).toContain(why);
  });
});

describe('failpoints and scripts', () => {
  const mesh = new Mesh();
  afterEach(() => mesh.stop());

  it('do not meet: the environment of a script has no word of them', async () => {
    const armed = {
      SCRIPT_MESH_MODE: 'development',
      SCRIPT_MESH_FAILPOINT: 'supervisor.term-sent:kill,execution.before-kill:kill',
      SCRIPT_MESH_FAILPOINT_LOG: join(mesh.folder, 'hits'),
    };
    await mesh.start([{ file: 'surroundings.sh', text: '#!/bin/sh\nenv\n' }], { agent: armed });
    const run = await mesh.askForRun('surroundings', {}, { prefer: 'wait=30' });
    const seen = await mesh.output(run.id);
    expect(seen).toContain(`SM_RUN_ID=${run.id}`);
    expect(seen).not.toContain('FAILPOINT');
  });
});
