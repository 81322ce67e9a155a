import { join } from 'node:path';
import type { Machine } from '../../ports/machine.js';
import { fillUnit, unitPath, type Service } from './service.js';

/** One thing to do, said as it is shown. */
export interface Step {
  readonly says: string;
  readonly act: (machine: Machine) => void;
}

const running = (program: string, ...args: readonly string[]): Step => ({
  says: `run ${[program, ...args].join(' ')}`,
  act: (machine) => machine.run(program, args),
});
const removing = (path: string): Step => ({ says: `remove ${path}`, act: (machine) => machine.remove(path) });

/** What has to be done on this machine until the service runs; what is there already is left out. */
export function stepsToInstall(service: Service, unitText: string, program: Buffer, machine: Machine): readonly Step[] {
  const { unit, user, home, settingsFile, settingsText, built, installed } = service;
  const place = installed ?? join(machine.packageRoot, built);
  const writing = (path: string, content: Buffer, mode: number): readonly Step[] =>
    machine.read(path)?.equals(content)
      ? []
      : [{ says: `write ${path}`, act: (target) => target.write(path, content, mode) }];
  const newUser = running(
    'useradd',
    '--system',
    '--user-group',
    '--home-dir',
    home,
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    user,
  );
  const changes = [
    ...(machine.hasUser(user) ? [] : [newUser]),
    ...(installed === null ? [] : writing(installed, program, 0o755)),
    // Settings are the owner's from then on.
    ...(machine.read(settingsFile) ? [] : writing(settingsFile, Buffer.from(settingsText), 0o600)),
    ...writing(unitPath(service), Buffer.from(fillUnit(unitText, machine.node, place)), 0o644),
  ];
  // What runs from where it was built may have been built anew.
  const isNew = changes.length > 0 || installed === null;
  return [
    ...changes,
    running('systemctl', 'daemon-reload'),
    running('systemctl', 'enable', unit),
    running('systemctl', isNew ? 'restart' : 'start', unit),
  ];
}

/** Data, settings and user stay unless `purge` is wished for; then scripts that still run are ended, too. */
export function stepsToUninstall(service: Service, purge: boolean, machine: Machine): readonly Step[] {
  const { unit, user, home, settingsFile, installed } = service;
  const path = unitPath(service);
  const isThere = machine.read(path) !== undefined;
  // All of its processes, while the service is active: then systemd knows them.
  const ending = running('systemctl', 'kill', '--signal=KILL', unit);
  return [
    ...(isThere && purge ? [{ ...ending, act: ignoring(ending.act) }] : []),
    ...(isThere ? [running('systemctl', 'disable', '--now', unit), removing(path)] : []),
    ...(installed !== null && machine.read(installed) ? [removing(installed)] : []),
    ...(isThere ? [running('systemctl', 'daemon-reload')] : []),
    ...(purge ? [removing(home), removing(settingsFile), removing(`${path}.d`)] : []),
    ...(purge && machine.hasUser(user) ? [running('userdel', user)] : []),
  ];
}

/** systemd takes it for a fault when nothing is left to be ended. */
const ignoring =
  (act: Step['act']): Step['act'] =>
  (machine) => {
    try {
      act(machine);
    } catch {
      // Nothing was running.
    }
  };
