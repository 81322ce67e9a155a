import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CliBench } from '../../../test-support/cli-bench.js';
import { findPackageRoot } from '../../version.js';
import { fillUnit, SERVICES } from './service.js';

const AGENT_UNIT = '/etc/systemd/system/scriptmesh-agent.service';
const AGENT_FILE = '/usr/local/lib/scriptmesh/agent.mjs';

describe('services of systemd', () => {
  let cli: CliBench;
  beforeEach(async () => {
    cli = await CliBench.start();
  });
  afterEach(() => cli.stop());

  it('installs the agent: user, program, settings, unit, start', async () => {
    expect(await cli.run('agent service install')).toBe(0);
    expect([...cli.machine.files].map(([path, { mode }]) => [path, mode])).toEqual([
      [AGENT_FILE, 0o755],
      ['/etc/scriptmesh/agent.env', 0o600],
      [AGENT_UNIT, 0o644],
    ]);
    expect(cli.machine.ran).toEqual([
      'useradd --system --user-group --home-dir /var/lib/scriptmesh-agent --no-create-home --shell /usr/sbin/nologin scriptmesh-agent',
      'systemctl daemon-reload',
      'systemctl enable scriptmesh-agent.service',
      'systemctl restart scriptmesh-agent.service',
    ]);
    expect(cli.terminal.errText).toContain(`write ${AGENT_UNIT}\n`);
  });

  it('changes nothing and restarts nothing when it is installed already', async () => {
    await cli.run('agent service install');
    cli.machine.files.set('/etc/scriptmesh/agent.env', { content: 'ORCHESTRATOR_URL=http://mine\n', mode: 0o600 });
    const before = new Map(cli.machine.files);
    cli.machine.ran.length = 0;
    expect(await cli.run('agent service install')).toBe(0);
    expect(cli.machine.files).toEqual(before);
    expect(cli.machine.ran.at(-1)).toBe('systemctl start scriptmesh-agent.service');
  });

  it('runs the orchestrator from where it was built, with the Node that runs this', async () => {
    cli.machine.node = '/opt/node 24/bin/node';
    expect(await cli.run('orchestrator service install')).toBe(0);
    expect(cli.machine.files.get('/etc/systemd/system/scriptmesh-orchestrator.service')?.content).toContain(
      '\nExecStart="/opt/node 24/bin/node" --max-semi-space-size=8 /opt/scriptmesh/dist/orchestrator/bundle/orchestrator.mjs\n',
    );
  });

  it('only says what it would do with --dry-run, also without root', async () => {
    cli.machine.isRoot = false;
    expect(await cli.run('agent service install --dry-run')).toBe(0);
    expect([cli.machine.files.size, cli.machine.ran.length]).toEqual([0, 0]);
    expect(cli.terminal.errText).toContain(`would write ${AGENT_UNIT}`);
  });

  it.each([
    ['without root', { isRoot: false }, 'sudo'],
    ['without systemd', { hasSystemd: false }, 'systemd'],
    ['with a Node that the unit hides', { node: '/root/.nvm/node' }, 'could not see /root/.nvm/node'],
  ])('refuses %s, and nothing is changed', async (_, machine, said) => {
    Object.assign(cli.machine, machine);
    expect(await cli.run('agent service install')).toBe(2);
    expect(cli.terminal.errText).toContain(said);
    expect([cli.machine.files.size, cli.machine.ran.length]).toEqual([0, 0]);
  });

  it('tells with --dry-run what it would refuse, and goes on', async () => {
    cli.machine.packageRoot = '/home/me/scriptmesh';
    expect(await cli.run('orchestrator service install --dry-run')).toBe(0);
    expect(cli.terminal.errText).toMatch(/would refuse: .*\/home\/me.*\nwould run useradd/);
  });

  it('removes what it has installed and leaves data and settings', async () => {
    await cli.run('agent service install');
    cli.machine.files.set('/var/lib/scriptmesh-agent/spool/x', { content: '', mode: 0o600 });
    expect(await cli.run('agent service uninstall')).toBe(0);
    expect([...cli.machine.files.keys()]).toEqual(['/etc/scriptmesh/agent.env', '/var/lib/scriptmesh-agent/spool/x']);
    expect(cli.machine.ran.slice(-2)).toEqual([
      'systemctl disable --now scriptmesh-agent.service',
      'systemctl daemon-reload',
    ]);
    expect(cli.machine.users).toEqual(new Set(['scriptmesh-agent']));
  });

  it('with --purge ends the scripts, too, and leaves nothing', async () => {
    await cli.run('agent service install');
    expect(await cli.run('agent service uninstall --purge')).toBe(0);
    expect([cli.machine.files.size, cli.machine.users.size]).toEqual([0, 0]);
    expect(cli.machine.ran).toContain('systemctl kill --signal=KILL scriptmesh-agent.service');
    expect(await cli.run('agent service uninstall')).toBe(0);
    expect(cli.terminal.errText).toContain('is not installed');
  });

  it('names its own commands when none is given', async () => {
    expect(await cli.run('agent service')).toBe(2);
    expect(cli.terminal.errText).toContain('scriptmesh agent service install');
  });

  it.each(Object.values(SERVICES))('agrees with the unit $unit', ({ unit, user, home, settingsFile, installed }) => {
    const text = readFileSync(join(findPackageRoot(), 'ops/systemd', unit), 'utf8');
    for (const line of [`User=${user}`, `WorkingDirectory=${home}`, `EnvironmentFile=-${settingsFile}`]) {
      expect(text).toContain(`\n${line}\n`);
    }
    expect(text).toContain(`SCRIPT_MESH_HOME=${home}\n`);
    if (installed) expect(fillUnit(text, '/usr/bin/node', installed)).toBe(text);
  });
});
