import { Injectable } from '@nestjs/common';
import { ExitStatus } from '../../exit-status.js';
import { Terminal } from '../../ports/terminal.js';

/** Where findings are told. */
@Injectable()
export class DoctorSurface {
  constructor(
    readonly terminal: Terminal,
    readonly exit: ExitStatus,
  ) {}
}
