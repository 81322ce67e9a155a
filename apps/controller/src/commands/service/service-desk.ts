import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { MeshError } from '@scriptmesh/contracts';
import { UsageFault } from '../../cli/usage-fault.js';
import { Printer } from '../../output/printer.js';
import { Machine } from '../../ports/machine.js';
import type { ProgramName } from '../../ports/programs.js';
import { SERVICES } from './service.js';
import { stepsToInstall, stepsToUninstall, type Step } from './service-steps.js';

/** Folders that the units hide from the programs. */
const HIDDEN = /^\/(?:home|root|run\/user|tmp|var\/tmp)\//;

/** Installs and removes the programs as services of systemd, and tells each step. */
@Injectable()
export class ServiceDesk {
  constructor(
    private readonly machine: Machine,
    private readonly printer: Printer,
  ) {}

  async install(name: ProgramName, isDry: boolean): Promise<void> {
    const service = SERVICES[name];
    const [unitText, built] = [join('ops/systemd', service.unit), service.built].map((file) => this.#fileOf(file));
    const program = service.installed ?? join(this.machine.packageRoot, service.built);
    await this.#refuseHidden(this.machine.node, 'Install Node for all users, for example below /usr/local.', isDry);
    await this.#refuseHidden(program, 'Move this installation, for example to /opt/scriptmesh.', isDry);
    await this.#take(stepsToInstall(service, String(unitText), built as Buffer, this.machine), isDry);
    if (!isDry) await this.printer.remark(`${service.unit} is installed. Its settings: ${service.settingsFile}`);
  }

  async uninstall(program: ProgramName, purge: boolean, isDry: boolean): Promise<void> {
    const service = SERVICES[program];
    const steps = stepsToUninstall(service, purge, this.machine);
    if (steps.length === 0) return this.printer.remark(`${service.unit} is not installed.`);
    await this.#take(steps, isDry);
    if (!isDry && !purge) await this.printer.remark(`Left as they are: ${service.home}, ${service.settingsFile}`);
  }

  async #take(steps: readonly Step[], isDry: boolean): Promise<void> {
    if (!isDry) this.#refuseUnable();
    for (const { says, act } of steps) {
      await this.printer.remark(isDry ? `would ${says}` : says);
      if (!isDry) act(this.machine);
    }
  }

  #refuseUnable(): void {
    if (!this.machine.isRoot) {
      throw new UsageFault('services are installed and removed by root', 'Use sudo, or look first with --dry-run.');
    }
    if (!this.machine.hasSystemd) {
      throw new UsageFault(
        'this machine was not started by systemd',
        'Start the program another way, or look with --dry-run.',
      );
    }
  }

  /** One that only looks is told and goes on. */
  async #refuseHidden(path: string, hint: string, isDry: boolean): Promise<void> {
    if (!HIDDEN.test(path)) return;
    const message = `the service could not see ${path}: its unit hides that folder`;
    if (!isDry) throw new UsageFault(message, hint);
    await this.printer.remark(`would refuse: ${message}. ${hint}`);
  }

  #fileOf(file: string): Buffer {
    const content = this.machine.read(join(this.machine.packageRoot, file));
    if (content) return content;
    throw new MeshError('internal/unexpected', `${file} is not there`, { hint: 'Run "npm run build".' });
  }
}
