import { Command, CommandRunner, Help, Option } from 'nest-commander';
import { tell } from '@scriptmesh/doctor';
import { Clock } from '@scriptmesh/runtime';
import { GlobalFlags } from '../../access/global-flags.js';
import { examples } from '../../cli/examples.js';
import { UsageFault } from '../../cli/usage-fault.js';
import { Programs } from '../../ports/programs.js';
import { SettingsSource } from '../../ports/settings-source.js';
import { DoctorSurface } from './doctor-surface.js';
import { examineAccess } from './examine-access.js';

interface DoctorOptions {
  readonly json?: boolean;
}

@Command({
  name: 'doctor',
  arguments: '[program]',
  argsDescription: {
    program: 'agent or orchestrator of this machine; without it, the way from here to the orchestrator',
  },
  description: 'find out what is wrong, and what to do about it',
})
export class DoctorCommand extends CommandRunner {
  constructor(
    private readonly programs: Programs,
    private readonly flags: GlobalFlags,
    private readonly settings: SettingsSource,
    private readonly clock: Clock,
    private readonly surface: DoctorSurface,
  ) {
    super();
  }

  override async run([program]: string[], { json = false }: DoctorOptions): Promise<void> {
    const { exit, terminal } = this.surface;
    if (program === 'agent') {
      exit.code = await this.programs.run('agent', ['--doctor', ...(json ? ['--json'] : [])]);
    } else if (program === 'orchestrator') {
      exit.code = await this.programs.run('orchestrator', [json ? '--doctor-json' : '--doctor']);
    } else if (program === undefined) {
      const findings = await examineAccess({ load: () => this.settings.load(this.flags.value), clock: this.clock });
      const { text, exitCode } = tell(findings, json);
      await terminal.out(text);
      exit.code = exitCode;
    } else throw new UsageFault(`there is no program "${program}"`, 'Name agent or orchestrator, or none.');
  }

  @Option({ flags: '--json', description: 'print the findings as JSON' })
  readJson(): boolean {
    return true;
  }

  @Help('before')
  examples(): string {
    return examples(['scriptmesh doctor', 'scriptmesh doctor agent', 'scriptmesh doctor orchestrator --json']);
  }
}
