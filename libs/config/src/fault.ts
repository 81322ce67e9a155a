/** The exit code of a program whose settings are wrong (EX_CONFIG of sysexits.h). */
export const EXIT_CONFIG = 78;

/** One wrong setting. */
export interface SettingFault {
  readonly name: string;
  /** What is wrong; never the value of a secret. */
  readonly problem: string;
  readonly remedy: string;
}

/** All faults of a program's settings at once; its message is a line for people, then one for each fault. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  constructor(readonly faults: readonly SettingFault[]) {
    const lines = faults.map(({ name, problem, remedy }) => `  ${name}: ${problem}. ${remedy}`);
    super([`${faults.length === 1 ? 'A setting is' : `${faults.length} settings are`} wrong:`, ...lines].join('\n'));
  }
}
