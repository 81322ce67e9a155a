import { Injectable } from '@nestjs/common';
import type { SettingsFlags } from '../ports/settings-source.js';

/** The flags before or after any command; filled when the command line has been read, before a command runs. */
@Injectable()
export class GlobalFlags {
  #flags: SettingsFlags = {};

  get value(): SettingsFlags {
    return this.#flags;
  }

  take(flags: SettingsFlags): void {
    this.#flags = flags;
  }
}
