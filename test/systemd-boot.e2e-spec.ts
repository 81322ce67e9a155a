import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './support/program.js';

const SKIPPED = 77;
const HELD = [
  'the orchestrator is installed and ready, under a user of its own',
  'the agent is installed, and its scripts are listed',
  'a run outlives a restart and a KILL of the agent and a restart of the orchestrator, once, with all of its output',
  'a script runs as scriptmesh-agent, writes nowhere else and sees no /home',
  'the doctor looks at what the service uses',
  'uninstalled; the data stays',
];

describe('both services below a real systemd', () => {
  it('are installed, keep a run over restarts and kills, and are removed', { timeout: 180_000 }, (context) => {
    const boot = spawnSync('sh', [join(ROOT, 'ops/test/systemd-boot.sh')], { encoding: 'utf8' });
    if (boot.status === SKIPPED) return context.skip(boot.stdout.trim());
    const held = boot.stdout.split('\n').filter((line) => line.startsWith('ok: '));
    expect(held, boot.stdout).toEqual(HELD.map((what) => `ok: ${what}`));
    expect(boot).toMatchObject({ status: 0, stderr: '' });
  });
});
